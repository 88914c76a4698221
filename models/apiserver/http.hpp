// The shape in which requests reach the API server, whatever carried them: the simulation's message transport
// or a real HTTP server. A body is shared immutable JSON where both sides live in one address space, bytes
// elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct ApiHttpRequest {
  std::string method;  // "GET", "POST", "PUT", "PATCH", "DELETE"
  std::string target;  // path and query, percent-encoded
  std::string content_type{};
  std::string accept{};
  JsonPtr body{};  // the parsed body, or null: then `bytes` holds it, or there is none
  std::string bytes{};
  Actor client{};  // for the ledger
};

enum class WatchEventType { added, modified, deleted, bookmark, error };
std::string_view to_text(WatchEventType type);  // "ADDED" ...

struct WatchEvent {
  WatchEventType type = WatchEventType::added;
  JsonPtr object;
};

/// The events of one watch, in the order of their revisions. Destroying it ends the watch.
class ApiWatch {
 public:
  virtual ~ApiWatch() = default;
  /// Nothing at the end of the stream.
  virtual asio::awaitable<std::optional<WatchEvent>> next() = 0;
  /// After the end: whether the connection has to break. Otherwise the end was a clean one (time-out).
  virtual bool broke() const = 0;
  /// Its reader has gone: what is left is dropped, and a next() that waits gives nothing.
  virtual void end() = 0;
};

/// The items of a list, as the store holds them: an answer with many objects copies none.
struct ListItems {
  std::vector<JsonPtr> objects{};
  bool typed = false;  // a built-in kind's items are shown without kind and apiVersion
};

struct ApiHttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  JsonPtr body{};  // null: `text` is the body; of a list: all but its items, where `items` is set
  std::optional<ListItems> items{};
  std::string text{};
  std::unique_ptr<ApiWatch> watch{};  // set: the answer is a stream of events
  std::optional<Duration> retry_after{};
};

/// The body with the items in it, each copied. Requires: response.body.
Json whole_body(const ApiHttpResponse& response);
/// The same as bytes of UTF-8 (what is none is replaced), in one line or indented by so many spaces.
std::string body_text(const ApiHttpResponse& response, int indent = -1);

}  // namespace racebed::models

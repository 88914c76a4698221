// How the client machinery reaches an API server: one HTTP-shaped request, one answer, or a stream of watch
// events. Implemented by the simulation's message transport and, over real HTTP, by core/net. Objects travel
// as shared immutable JSON, so that a transport inside one address space copies nothing.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/result.hpp"
#include "runtime/time.hpp"

namespace racebed::kube {

using Json = nlohmann::json;
/// An object nobody may change any more. Never null where a value is promised.
using JsonPtr = std::shared_ptr<const Json>;

enum class Verb { get, post, put, patch, remove };

struct ApiRequest {
  Verb verb = Verb::get;
  std::string target;        // path and query, percent-encoded: "/api/v1/namespaces/a/configmaps?limit=500"
  JsonPtr body;              // null: no body
  std::string content_type;  // of the body; empty with none
  std::string accept = "application/json";
};

struct ApiResponse {
  int status = 0;    // HTTP status code
  JsonPtr body;      // null when the answer was not JSON (429 of an overloaded server is plain text)
  std::string text;  // the body when it was not JSON, at most 4 KiB of it
  /// Of a list, from a transport that has its objects at hand: they are not in the body then.
  std::optional<std::vector<JsonPtr>> items;
  std::optional<Duration> retry_after;
};

/// Why there is no answer. What matters to a writer is whether the request may have been carried out.
struct TransportError {
  enum class Outcome {
    not_sent,  // the server never saw it (refused, unreachable, no address)
    unknown    // it may have been committed (reset, end of stream, time-out)
  };
  Outcome outcome = Outcome::unknown;
  std::string message;  // for a log line
};

/// One line of a watch, taken apart: `{"type": "ADDED", "object": {...}}`. Whoever has the object already
/// hands it on as it is; whoever parsed the line points into it.
struct WatchMessage {
  std::string type;  // as the server wrote it; empty: the server's clean end of stream
  JsonPtr object;    // null: the line had none
};

/// One open watch. Destroying it closes the connection.
class WatchStream {
 public:
  virtual ~WatchStream() = default;
  /// The next line; one with an empty type at the server's clean end of stream. An error when none has come
  /// by `until`: the stream is of no use then.
  virtual asio::awaitable<Result<WatchMessage, TransportError>> next(Instant until) = 0;
};

struct WatchAnswer {
  ApiResponse refusal;  // meaningful when `stream` is null: the server's answer, status >= 400
  std::unique_ptr<WatchStream> stream;  // set when the server answered 200
};

class ApiTransport {
 public:
  virtual ~ApiTransport() = default;
  /// `timeout` bounds the whole call; when it runs out the error's outcome is `unknown`.
  virtual asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration timeout) = 0;
  /// `timeout` bounds the opening, not the stream. The request's target carries `watch=1`.
  virtual asio::awaitable<Result<WatchAnswer, TransportError>> watch(ApiRequest request,
                                                                     Duration timeout) = 0;
};

}  // namespace racebed::kube

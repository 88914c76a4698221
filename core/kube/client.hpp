// A Kubernetes client over any ApiTransport: typed-enough verbs, errors as values, client-go's retries inside
// one call (client-go rest/request.go: answers with Retry-After and status 429 or 5xx, ten times at most). It
// holds no cache: every read is the server's answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/api_error.hpp"
#include "core/kube/api_transport.hpp"
#include "core/kube/object.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/token_bucket.hpp"
#include "runtime/runtime.hpp"

namespace racebed::kube {

struct ClientOptions {
  /// Bounds one request (each try of it). client-go's default is none, which lets a lost answer hang for
  /// ever.
  Duration timeout = std::chrono::seconds{30};
  /// Tries after the first on 429 or 5xx with Retry-After; 0 turns them off.
  int retries_max = 10;
  /// Requests per second, and how many may go at once without waiting; 0: unlimited (controller-runtime >=
  /// 0.21).
  int qps = 0;
  int burst = 0;
};

/// Per call; 0 takes the client's.
struct CallOptions {
  Duration timeout{0};
  bool retry = true;  // false: a 429 surfaces at once
};

struct ListOptions {
  std::string ns;                      // empty: all namespaces
  std::string resource_version;        // "": the latest (quorum read); "0": anything the server has
  std::string resource_version_match;  // "", "Exact", "NotOlderThan"
  std::string label_selector;
  std::string field_selector;
  std::string continue_token;
  int limit = 0;  // 0: none
};

struct ObjectList {
  std::vector<Object> items;  // each shares the whole list's memory
  std::string resource_version;
  std::string continue_token;  // not empty: there is more
};

struct WatchOptions {
  std::string ns;
  std::string resource_version;
  std::string label_selector;
  std::string field_selector;
  bool allow_bookmarks = true;
  bool send_initial_events = false;  // streaming list: sets resourceVersionMatch=NotOlderThan too
  Duration server_timeout{0};        // timeoutSeconds; 0: the server's choice
};

struct WatchEvent {
  enum class Type { added, modified, deleted, bookmark, error, unknown, end };
  Type type = Type::unknown;
  Object object;  // of an error event: the Status
};

/// One open watch; destroying it closes the connection.
class Watch {
 public:
  explicit Watch(std::unique_ptr<WatchStream> stream);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();
  /// The next event; one of type `end` at the server's clean end of stream. An error of the transport when
  /// none has come by `until`.
  asio::awaitable<ApiResult<WatchEvent>> next(Instant until);

 private:
  std::unique_ptr<WatchStream> stream_;
};

enum class PatchType { merge, json };

struct DeleteOptions {
  std::string uid;               // precondition when not empty
  std::string resource_version;  // precondition when not empty
  std::string propagation_policy;
};

/// Cancellation ends a call with operation_aborted;
/// what the server did is then unknown.
class Client {
 public:
  Client(Runtime& runtime, ApiTransport& transport, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  asio::awaitable<ApiResult<Object>> get(const Resource& resource, ObjectKey key, CallOptions call = {});
  asio::awaitable<ApiResult<ObjectList>> list(const Resource& resource, ListOptions options,
                                              CallOptions call = {});
  asio::awaitable<ApiResult<Watch>> watch(const Resource& resource, WatchOptions options,
                                          CallOptions call = {});

  /// Into the object's own namespace, or into `ns` when the object names none.
  asio::awaitable<ApiResult<Object>> create(const Resource& resource, Object object, CallOptions call = {});
  /// Replaces the object of its key. With a resourceVersion in it: this very version or `conflict`.
  asio::awaitable<ApiResult<Object>> update(const Resource& resource, Object object, CallOptions call = {});
  asio::awaitable<ApiResult<Object>> update_status(const Resource& resource, Object object,
                                                   CallOptions call = {});
  /// `subresource`: "" or "status".
  asio::awaitable<ApiResult<Object>> patch(const Resource& resource, ObjectKey key, PatchType type,
                                           JsonPtr patch, std::string subresource = {},
                                           CallOptions call = {});
  asio::awaitable<ApiResult<void>> remove(const Resource& resource, ObjectKey key, DeleteOptions options = {},
                                          CallOptions call = {});

  /// Requests handed to the transport so far, retries included.
  std::uint64_t requests() const;

 private:
  asio::awaitable<ApiResult<ApiResponse>> send(ApiRequest request, CallOptions call);
  asio::awaitable<ApiResult<Object>> send_for_object(ApiRequest request, CallOptions call);
  asio::awaitable<ApiResult<ObjectList>> send_for_list(ApiRequest request, CallOptions call);
  asio::awaitable<ApiResult<void>> send_for_nothing(ApiRequest request, CallOptions call);
  asio::awaitable<ApiResult<Watch>> open_watch(ApiRequest request, CallOptions call);
  asio::awaitable<ApiResult<Object>> put(const Resource& resource, const Object& object,
                                         std::string_view subresource, CallOptions call);
  asio::awaitable<void> before_request();

  Runtime& runtime_;
  ApiTransport& transport_;
  ClientOptions options_;
  std::optional<TokenBucket> limiter_;
  std::uint64_t requests_ = 0;
};

}  // namespace racebed::kube

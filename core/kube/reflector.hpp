// Keeps a sink in step with a collection, with client-go's rules and constants (client-go
// tools/cache/reflector.go): by one WATCH that begins with the state itself, or by LIST and WATCH; where to
// relist, where to watch again at once, how to back off.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/client.hpp"
#include "core/obs/log.hpp"
#include "runtime/runtime.hpp"

namespace racebed::kube {

/// What a reflector fills. Calls come in the server's order, from the reflector's task.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;
  /// The collection is now exactly `items`, as of `resource_version`.
  virtual void replace(std::vector<Object> items, const std::string& resource_version) = 0;
  /// One watch event: added, modified or deleted (then `object` is the last state).
  virtual void apply(WatchEvent::Type type, Object object) = 0;
};

struct ReflectorOptions {
  std::string ns;  // empty: all namespaces
  std::string label_selector;
  std::string field_selector;
  /// The state comes over the watch (sendInitialEvents) and is as of now, not of what a cache had: client-go
  /// >= 0.35. A server that refuses is listed instead. False: LIST of resourceVersion 0 first, as before.
  bool streaming = true;
  int page_size = 500;
  Duration backoff_initial = std::chrono::milliseconds{800};
  Duration backoff_max = std::chrono::seconds{30};  // before jitter: the sleep is uniform in [d, 2d)
  Duration backoff_reset = std::chrono::minutes{2};
  Duration watch_timeout_min = std::chrono::minutes{5};  // timeoutSeconds is uniform in [min, 2 min)
  /// A watch that says nothing for so long is dead, though no error ever tells: watched again from where it
  /// was (kubernetes.md R13 a). Bookmarks come once a minute. (client-go pings its HTTP/2 connection instead:
  /// 30 s idle and 15 s.)
  Duration watch_silence_max = std::chrono::seconds{75};
  Duration very_short_watch = std::chrono::seconds{1};  // shorter, and without an event: relist
};

/// For metrics and tests; monotonic.
struct ReflectorCounts {
  std::uint64_t lists = 0;
  std::uint64_t watches = 0;
  std::uint64_t events = 0;
};

class Reflector {
 public:
  Reflector(Runtime& runtime, Client& client, Resource resource, ReflectorSink& sink,
            ReflectorOptions options, obs::Logger log);
  /// Runs until cancelled.
  asio::awaitable<void> run();
  /// The resourceVersion up to which the sink was fed; "" before the first list.
  const std::string& last_resource_version() const { return last_rv_; }
  const ReflectorCounts& counts() const { return counts_; }

 private:
  /// What to do after one watch ended (spec 2.1 step 5).
  enum class AfterWatch { watch_again, back_off_and_watch, relist };

  /// The state as it comes over a watch, until the bookmark that ends it.
  struct InitialState;
  /// What a round begins with: whether the sink has the collection, and the stream that brought it, if one
  /// did: it goes on with what happened since.
  struct Start {
    bool synced = false;
    std::optional<Watch> watch{};
  };
  asio::awaitable<Start> stream_state();
  asio::awaitable<ApiResult<bool>> read_state(Watch& watch, InitialState& state);
  asio::awaitable<bool> list();
  asio::awaitable<ApiResult<ObjectList>> list_pages(std::string resource_version);
  WatchOptions watch_options();
  asio::awaitable<void> watch_until_relist(Start start);
  asio::awaitable<AfterWatch> watch_once();
  asio::awaitable<AfterWatch> follow(Watch watch, Instant begun);
  AfterWatch after_error(const Object& status);
  void take(const WatchEvent& event);
  asio::awaitable<void> back_off();

  Runtime& runtime_;
  Client& client_;
  Resource resource_;
  ReflectorSink& sink_;
  ReflectorOptions options_;
  obs::Logger log_;
  std::string last_rv_;
  bool rv_unavailable_ = false;  // the last list or watch found last_rv_ expired or too large
  bool initial_events_ = false;
  Duration backoff_{0};
  std::optional<Instant> backed_off_at_;
  ReflectorCounts counts_;
};

}  // namespace racebed::kube

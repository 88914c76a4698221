// What a front end asks before it serves a request or shows a change: the calm default serves everything at
// once, from caches that are in step with the store.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "models/apiserver/http.hpp"
#include "models/apiserver/store.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct RequestVerdict {
  enum class Outcome {
    serve,
    refuse,             // answer `status` and do nothing
    commit_then_lose,   // serve, then lose the answer (the connection breaks)
    lose_before_commit  // the connection breaks before anything happened
  } outcome = Outcome::serve;
  int status = 0;           // of the refusal: 409, 429, 500, 503, 504
  Duration retry_after{0};  // of the refusal; a 429 without one says 1 s
  Duration delay{0};        // before it is served
};

/// Whose events one watch shows.
struct WatchScope {
  const ResourceType* type = nullptr;
  std::string ns{};  // empty: all
  Actor client{};
};

class FrontEndPolicy {
 public:
  virtual ~FrontEndPolicy() = default;
  virtual RequestVerdict request(const ApiHttpRequest&) { return {}; }
  /// How long after its commit a change reaches this front end's watch cache. Order is kept whatever it says.
  virtual Duration cache_lag(const Change&) { return Duration{0}; }
  /// How much later than in the cache a change shows in one watch. Order is kept whatever it says.
  virtual Duration watch_delay(const WatchScope&, const Change&) { return Duration{0}; }
  /// The revision at which a cache begins when the front end starts, no newer than `latest`: an older one is
  /// a front end that comes back with an old view; the changes since then follow, each with its lag. What is
  /// no longer kept cannot be begun with.
  virtual std::uint64_t cache_begins_at(const ResourceType&, std::uint64_t latest) { return latest; }
  /// How long after its making a cache answers "not ready" (429) to what it would serve.
  virtual Duration cache_warm_up(const ResourceType&) { return Duration{0}; }
};

}  // namespace racebed::models

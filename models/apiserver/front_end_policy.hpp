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
    refuse,              // answer `status` and do nothing
    commit_then_lose,    // serve, then lose the answer (the connection breaks)
    commit_then_refuse,  // serve, then answer `status` all the same, whatever came of it
    lose_before_commit   // the connection breaks before anything happened
  } outcome = Outcome::serve;
  int status = 0;           // of the refusal: 409, 429, 500, 503, 504 ...
  Duration retry_after{0};  // of the refusal; a 429 without one says 1 s
  bool plain_text =
      true;  // a 429 in plain text, as an overloaded server's; otherwise, and for all others, a Status
  std::string message{};     // of the refusal; empty: what a real one says. Given: it goes without a reason
  Duration delay{0};         // before it is served
  Duration delay_answer{0};  // between what was done and the answer
};

/// Whose events one watch shows.
struct WatchScope {
  const ResourceType* type = nullptr;
  std::string ns{};  // empty: all
  Actor client{};
};

/// What becomes of an event that a watch is about to hand out.
struct WatchVerdict {
  enum class Outcome {
    show,
    end,    // the stream ends cleanly before the event
    reset,  // the connection breaks before it
    gone,   // ERROR 410 in its place, and the end: the client has to list again
    error,  // ERROR 500 in its place, and the end
    stall   // neither it nor anything after it shows, until the watch's time is over; then it ends cleanly
  } outcome = Outcome::show;
  Duration held{0};  // how long it waits first, and all that follows with it; then it is asked for again
};

class FrontEndPolicy {
 public:
  virtual ~FrontEndPolicy() = default;
  virtual RequestVerdict request(const ApiHttpRequest&) { return {}; }
  /// How long after its commit a change reaches this front end's watch cache. Order is kept whatever it says.
  virtual Duration cache_lag(const Change&) { return Duration{0}; }
  /// How much later than in the cache a change shows in one watch. Order is kept whatever it says.
  virtual Duration watch_delay(const WatchScope&, const Change&) { return Duration{0}; }
  /// `number` counts what the watch has handed out so far, from 1: also the ADDED with which it may begin,
  /// and bookmarks. Asked once for each event that is not held.
  virtual WatchVerdict watch_event(const WatchScope&, const WatchEvent&, std::uint64_t /*number*/) {
    return {};
  }
  /// Whether a watch that asked for bookmarks gets this one, of the regular ones. The one that ends the
  /// initial events always comes.
  virtual bool bookmark(const WatchScope&) { return true; }
  /// The revision at which a cache begins when the front end starts, no newer than `latest`: an older one is
  /// a front end that comes back with an old view; the changes since then follow, each with its lag. What is
  /// no longer kept cannot be begun with.
  virtual std::uint64_t cache_begins_at(const ResourceType&, std::uint64_t latest) { return latest; }
  /// How long after its making a cache answers "not ready" (429) to what it would serve.
  virtual Duration cache_warm_up(const ResourceType&) { return Duration{0}; }
};

}  // namespace racebed::models

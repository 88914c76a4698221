// A front end's view of one kind of object: a cache that follows the store at a distance, and the watches
// that feed on it. What is read with resourceVersion=0, and every watch, comes from here and may be stale.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "models/apiserver/http.hpp"
#include "models/apiserver/selector.hpp"
#include "models/apiserver/store.hpp"
#include "runtime/event.hpp"

namespace racebed::models {

struct WatchOptions {
  std::string ns{};  // empty: all
  Selector selector{};
  std::uint64_t from = 0;  // events with a later revision; 0: begin with an ADDED for each object
  bool bookmarks = false;
  Duration timeout = std::chrono::minutes{30};
};

class WatchCache : public std::enable_shared_from_this<WatchCache> {
 public:
  WatchCache(Clock& clock, const ResourceType& type) : clock_(clock), type_(type), changed_(clock) {}

  /// The store's state when the front end starts.
  void prime(const Store::Objects& objects, std::uint64_t revision);
  /// The next change of this kind; in the order of revisions.
  void apply(const Change& change);

  const Store::Objects& objects() const { return objects_; }
  std::uint64_t revision() const { return revision_; }
  /// Watches can begin from this revision at the earliest.
  std::uint64_t oldest() const { return oldest_; }
  void forget_until(std::uint64_t revision);

  std::unique_ptr<ApiWatch> watch(WatchOptions options);

  static constexpr std::size_t kEventsMax = 102'400;  // as the real ring at its largest

 private:
  class Watch;
  Clock& clock_;
  const ResourceType& type_;
  Event changed_;
  Store::Objects objects_;
  std::uint64_t revision_ = 0;
  std::uint64_t oldest_ = 0;
  std::deque<Change> changes_;
  std::uint64_t first_change_ = 0;  // the index, over the cache's life, of changes_.front()
};

}  // namespace racebed::models

// A front end's view of one kind of object: a cache that follows the store at a distance, and the watches
// that feed on it. What is read with resourceVersion=0, and every watch, comes from here and may be stale.
// The real one's rules: apiserver storage/cacher; kubernetes.md §1.13, §1.14.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "models/apiserver/front_end_policy.hpp"
#include "models/apiserver/http.hpp"
#include "models/apiserver/objects_view.hpp"
#include "models/apiserver/selector.hpp"
#include "models/apiserver/store.hpp"
#include "runtime/event.hpp"

namespace racebed::models {

struct WatchOptions {
  WatchScope scope{};
  std::string name{};  // not empty: events of this object alone; with a namespace where the kind has them
  Selector selector{};
  std::uint64_t from = 0;    // events with a later revision
  bool initial = false;      // begin with an ADDED for each object that there is; then `from` says nothing
  bool initial_end = false;  // after those a bookmark that says so
  bool bookmarks = false;
  Duration timeout = std::chrono::minutes{30};
};

struct WatchCacheLimits {
  std::size_t changes_max = 102'400;  // the past that a watch may begin from, as the real ring at its largest
  /// Events that wait in one watch for their reader. Whoever is slower than that is disconnected.
  std::size_t backlog_max = 16'384;
  std::size_t pending_max = 100'000;  // changes that wait for a cache that is frozen; then it begins anew
};

class WatchCache : public std::enable_shared_from_this<WatchCache> {
 public:
  /// In step with the store as it is now, with no past. All must outlive the cache.
  WatchCache(Clock& clock, const ResourceType& type, const Store& store, FrontEndPolicy& policy,
             const WatchCacheLimits& limits, Ledger& ledger, const Actor& self);
  ~WatchCache();
  WatchCache(const WatchCache&) = delete;
  WatchCache& operator=(const WatchCache&) = delete;

  const ResourceType& type() const { return type_; }
  /// Good until the next change.
  ObjectsView objects() const { return {&store_.objects(type_), &then_}; }
  /// Everything up to this revision has been seen. Grows with every commit of the store while the cache is in
  /// step, whatever kind it was of.
  std::uint64_t revision() const;
  /// Watches can begin from this revision at the earliest.
  std::uint64_t oldest() const { return oldest_; }

  /// The next change of this kind, to be seen `lag` from now. Requires: in the order of revisions.
  void feed(const ChangePtr& change, Duration lag);
  /// When something is to be seen; nothing while nothing waits or the cache is frozen.
  std::optional<Instant> next_due() const;
  /// Sees what is due by now.
  void advance();

  /// A frozen cache sees nothing, and says so to nobody.
  void freeze();
  void resume();
  /// Shows the past as of `revision` and knows nothing else: watches end, what waited is dropped. The caller
  /// feeds what came after. Requires: the store still has it.
  void begin_at(std::uint64_t revision);
  void forget_until(std::uint64_t revision);

  std::unique_ptr<ApiWatch> watch(WatchOptions options);
  /// Ends all watches, as when connections break: what they have not handed out is lost.
  void end_watches();
  std::size_t watches() const;

 private:
  class Watch;
  struct Pending {
    Instant due;
    ChangePtr change;
  };
  void wait(const ChangePtr& change, Instant due);
  bool is_announced() const;
  /// Tells that the change is about to show. False: it does not show now, because of what was done then.
  bool announce(const ChangePtr& change);
  void tell(Passed::Point point, const Change& change);
  void apply(const ChangePtr& change);
  void lose();
  void show(const Change& change);
  void begin_anew();
  static std::string scope_of(const WatchOptions& options);

  Clock& clock_;
  const ResourceType& type_;
  const Store& store_;
  FrontEndPolicy& policy_;
  const WatchCacheLimits limits_;
  Ledger& ledger_;
  const Actor& self_;
  std::uint64_t beginnings_ = 0;
  /// What the cache shows otherwise than the store: the keys of which changes wait, as they were before
  /// those.
  Store::Overlay then_;
  std::map<std::string, std::size_t, std::less<>> waiting_;  // how many changes wait, by key
  std::uint64_t oldest_ = 0;
  std::deque<ChangePtr> changes_;
  std::deque<Pending> pending_;
  bool frozen_ = false;
  bool lost_ = false;          // changes that waited are gone: nothing but a new beginning helps
  std::uint64_t held_at_ = 0;  // the revision while frozen or lost
  /// By what they show: "" (all), "namespace/" or one key; within that in the order of their opening.
  std::map<std::string, std::vector<Watch*>, std::less<>> watches_;
};

}  // namespace racebed::models

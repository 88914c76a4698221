// The watch caches of one front end, one for each kind, all fed from one store, each as late as the policy
// says. Faults act here: caches freeze and resume, fall back to an old view, lose their watches.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "models/apiserver/watch_cache.hpp"
#include "runtime/event.hpp"

namespace racebed::models {

class Caches final : private StoreListener {
 public:
  /// All must outlive it. Its caches begin with the store as it is now, or where the policy says.
  /// `self` tells the ledger of changes before and after they show.
  Caches(Clock& clock, Store& store, FrontEndPolicy& policy, WatchCacheLimits limits, Ledger& ledger,
         Actor self);
  ~Caches() override;

  /// The cache of a kind, made when it is first asked for; as if it had been there since the front end began.
  WatchCache& of(const ResourceType& type);
  /// Whether it has warmed up; until then the front end serves nothing from it.
  bool ready(const ResourceType& type);
  /// The kind is no longer served: its watches end, and its cache is gone.
  void forget(const ResourceType& type);

  /// Returns whether the kind's cache has seen everything up to `revision`, at `until` at the latest.
  asio::awaitable<bool> seen(const ResourceType& type, std::uint64_t revision, Instant until);
  /// Shows what lags when it is due. Runs until cancelled; without it no change that lags is ever seen.
  asio::awaitable<void> run();

  // Of one kind, or of all when `type` is null.
  void freeze(const ResourceType* type = nullptr);
  void resume(const ResourceType* type = nullptr);
  /// As if the front end had come back with the view of `revision`: watches end, and what happened since
  /// follows, each change with its lag, unless frozen. As far back as the store remembers.
  void rewind(std::uint64_t revision, const ResourceType* type = nullptr);
  void end_watches(const ResourceType* type = nullptr);
  /// As a server that has come back: every cache begins where the policy says, and has to warm up again.
  void restart();

 private:
  struct Entry {
    const ResourceType* type;
    std::shared_ptr<WatchCache> cache;
    Instant ready_at;
  };
  void on_change(const ChangePtr& change) override;
  void on_compaction(std::uint64_t revision) override;
  void on_reshape(const ResourceType& type, bool gone) override;
  Entry& entry_of(const ResourceType& type);
  void begin(WatchCache& cache, std::uint64_t revision);
  template <class Act>
  void each(const ResourceType* type, Act act);

  Clock& clock_;
  Store& store_;
  FrontEndPolicy& policy_;
  const WatchCacheLimits limits_;
  Ledger& ledger_;
  const Actor self_;
  std::uint64_t born_at_;       // the store's revision then
  std::vector<Entry> entries_;  // in the order of their making; there are few kinds
  Event progressed_;
  Store::Subscription subscription_;
};

}  // namespace racebed::models

#include "models/apiserver/caches.hpp"

#include <algorithm>

namespace racebed::models {

Caches::Caches(Clock& clock, Store& store, FrontEndPolicy& policy, WatchCacheLimits limits, Ledger& ledger,
               Actor self)
    : clock_(clock),
      store_(store),
      policy_(policy),
      limits_(limits),
      ledger_(ledger),
      self_(std::move(self)),
      born_at_(store.revision()),
      progressed_(clock),
      subscription_(store.subscribe(*this)) {}

Caches::~Caches() {
  end_watches();
}

Caches::Entry& Caches::entry_of(const ResourceType& version) {
  const ResourceType& type = version.stored();
  const auto found = std::ranges::find(entries_, &type, &Entry::type);
  if (found != entries_.end()) return *found;
  auto cache = std::make_shared<WatchCache>(clock_, type, store_, policy_, limits_, ledger_, self_);
  entries_.push_back({&type, cache, clock_.steady_now() + policy_.cache_warm_up(type)});
  // From its beginning in the front end's own past on, so that a watch from any revision listed since is
  // served.
  begin(*cache, policy_.cache_begins_at(type, born_at_));
  return entries_.back();
}

void Caches::begin(WatchCache& cache, std::uint64_t revision) {
  revision = std::clamp(revision, store_.compacted(), store_.revision());
  cache.begin_at(revision);
  for (const ChangePtr& change : store_.history(cache.type())) {
    if (change->revision > revision) cache.feed(change, policy_.cache_lag(*change));
  }
  progressed_.notify_all();
}

WatchCache& Caches::of(const ResourceType& type) {
  return *entry_of(type).cache;
}

bool Caches::ready(const ResourceType& type) {
  return entry_of(type).ready_at <= clock_.steady_now();
}

void Caches::forget(const ResourceType& type) {
  const auto found = std::ranges::find(entries_, &type.stored(), &Entry::type);
  if (found == entries_.end()) return;
  found->cache->end_watches();
  entries_.erase(found);
}

void Caches::on_change(const ChangePtr& change) {
  const auto found = std::ranges::find(entries_, change->type, &Entry::type);
  // A cache made later reads this change from the store's history.
  if (found != entries_.end()) found->cache->feed(change, policy_.cache_lag(*change));
  progressed_.notify_all();
}

void Caches::on_compaction(std::uint64_t revision) {
  for (Entry& entry : entries_) entry.cache->forget_until(revision);
}

void Caches::on_reshape(const ResourceType& type, bool gone) {
  const auto found = std::ranges::find(entries_, &type, &Entry::type);
  if (found == entries_.end()) return;
  if (gone) {
    forget(type);
  } else {
    begin(*found->cache, store_.revision());  // as a server that has made the storage anew
  }
}

asio::awaitable<bool> Caches::seen(const ResourceType& type, std::uint64_t revision, Instant until) {
  for (;;) {
    if (of(type).revision() >= revision) co_return true;
    if (clock_.steady_now() >= until) co_return false;
    [[maybe_unused]] const bool notified = co_await progressed_.wait_until(until);
  }
}

asio::awaitable<void> Caches::run() {
  for (;;) {
    Instant next = Instant::max();
    bool advanced = false;
    for (Entry& entry : entries_) {
      const auto due = entry.cache->next_due();
      if (!due) continue;
      if (*due <= clock_.steady_now()) {
        entry.cache->advance();
        advanced = true;
      } else {
        next = std::min(next, *due);
      }
    }
    if (advanced) {
      progressed_.notify_all();
      continue;
    }
    [[maybe_unused]] const bool notified = co_await progressed_.wait_until(next);
  }
}

template <class Act>
void Caches::each(const ResourceType* type, Act act) {
  if (type != nullptr) entry_of(*type);
  for (Entry& entry : entries_) {
    if (type == nullptr || entry.type == &type->stored()) act(*entry.cache);
  }
  progressed_.notify_all();
}

void Caches::freeze(const ResourceType* type) {
  each(type, [](WatchCache& cache) { cache.freeze(); });
}

void Caches::resume(const ResourceType* type) {
  each(type, [](WatchCache& cache) { cache.resume(); });
}

void Caches::rewind(std::uint64_t revision, const ResourceType* type) {
  each(type, [&](WatchCache& cache) { begin(cache, revision); });
}

void Caches::end_watches(const ResourceType* type) {
  each(type, [](WatchCache& cache) { cache.end_watches(); });
}

void Caches::restart() {
  born_at_ = store_.revision();
  for (Entry& entry : entries_) {
    entry.cache->resume();
    entry.ready_at = clock_.steady_now() + policy_.cache_warm_up(*entry.type);
    begin(*entry.cache, policy_.cache_begins_at(*entry.type, born_at_));
  }
}

}  // namespace racebed::models

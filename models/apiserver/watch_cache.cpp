#include "models/apiserver/watch_cache.hpp"

#include "models/apiserver/watch_stream.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {

WatchCache::WatchCache(Clock& clock, const ResourceType& type, const Store& store, FrontEndPolicy& policy,
                       const WatchCacheLimits& limits, Ledger& ledger, const Actor& self)
    : clock_(clock),
      type_(type),
      store_(store),
      policy_(policy),
      limits_(limits),
      ledger_(ledger),
      self_(self) {
  begin_anew();
}

WatchCache::~WatchCache() = default;

std::uint64_t WatchCache::revision() const {
  if (frozen_ || lost_) return held_at_;
  return pending_.empty() ? store_.revision() : pending_.front().change->revision - 1;
}

void WatchCache::begin_anew() {
  begin_at(store_.revision());
}

void WatchCache::begin_at(std::uint64_t revision) {
  ++beginnings_;
  oldest_ = held_at_ = revision;
  then_.clear();
  waiting_.clear();
  changes_.clear();
  pending_.clear();
  lost_ = false;
  end_watches();
}

void WatchCache::feed(const ChangePtr& change, Duration lag) {
  const bool at_once = !frozen_ && !lost_ && pending_.empty() && lag <= Duration{0};
  if (at_once && !is_announced()) return apply(change);
  // Still shown as it was before the first change that waits.
  then_.try_emplace(change->key, change->before);
  if (lost_) return;
  if (pending_.size() >= limits_.pending_max) return lose();
  ++waiting_[change->key];
  Instant due = clock_.steady_now() + std::max(lag, Duration{0});
  if (!pending_.empty()) due = std::max(due, pending_.back().due);
  pending_.push_back({due, change});
  if (at_once) advance();
}

void WatchCache::lose() {
  held_at_ = revision();
  lost_ = true;
  pending_.clear();
  waiting_.clear();
}

std::optional<Instant> WatchCache::next_due() const {
  if (frozen_) return std::nullopt;
  if (lost_) return clock_.steady_now();
  if (pending_.empty()) return std::nullopt;
  return pending_.front().due;
}

void WatchCache::advance() {
  if (frozen_) return;
  if (lost_) return begin_anew();
  const Instant now = clock_.steady_now();
  while (!pending_.empty() && pending_.front().due <= now) {
    const ChangePtr change = pending_.front().change;
    if (!announce(change)) return;
    pending_.pop_front();
    apply(change);
  }
}

void WatchCache::freeze() {
  held_at_ = revision();
  frozen_ = true;
}

void WatchCache::resume() {
  frozen_ = false;
  advance();
}

bool WatchCache::is_announced() const {
  return ledger_.wants(Passed::Point::api_before_show) && is_told_of(type_);
}

bool WatchCache::announce(const ChangePtr& change) {
  if (!is_announced()) return true;
  const std::uint64_t beginning = beginnings_;
  tell(Passed::Point::api_before_show, *change);
  return beginning == beginnings_ && !frozen_ && !lost_;
}

void WatchCache::tell(Passed::Point point, const Change& change) {
  const Json& object = change.after ? *change.after : *change.last;
  ledger_.record(self_, Passed{point, ref_of(type_, object), {}});
}

void WatchCache::apply(const ChangePtr& change) {
  RACEBED_ASSERT(changes_.empty() || change->revision > changes_.back()->revision,
                 "a watch cache sees revisions in order");
  if (const auto waits = waiting_.find(change->key); waits != waiting_.end()) {
    if (--waits->second > 0) {
      then_[change->key] = change->after;
    } else {
      waiting_.erase(waits);
      then_.erase(change->key);
    }
  }
  changes_.push_back(change);
  if (changes_.size() > limits_.changes_max) forget_until(changes_.front()->revision);
  show(*change);
  if (ledger_.wants(Passed::Point::api_shown) && is_told_of(type_)) tell(Passed::Point::api_shown, *change);
}

void WatchCache::show(const Change& change) {
  if (watches_.empty()) return;
  JsonPtr gone;
  const std::string_view key = change.key;
  const std::string_view ns = key.substr(0, key.find('/') + 1);
  for (const std::string_view scope : {std::string_view(), ns, key}) {
    const auto found = watches_.find(scope);
    if (found == watches_.end()) continue;
    for (Watch* watch : found->second) watch->push(change, gone);
  }
}

void WatchCache::forget_until(std::uint64_t revision) {
  for (; !changes_.empty() && changes_.front()->revision <= revision; changes_.pop_front()) {
    oldest_ = std::max(oldest_, changes_.front()->revision);
  }
  // Nothing can be said of the time before, even if nothing of this kind changed in it.
  if (revision <= this->revision()) oldest_ = std::max(oldest_, revision);
  // Frozen, the cache asks for these only when it resumes.
  if (frozen_ && !pending_.empty() && pending_.front().change->revision <= revision) {
    lose();
  }
}

std::string WatchCache::scope_of(const WatchOptions& options) {
  const WatchScope& scope = options.scope;
  const bool one = !options.name.empty() && (!scope.ns.empty() || !scope.type->namespaced);
  if (one) return Store::key(scope.ns, options.name);
  return scope.ns.empty() ? std::string() : scope.ns + "/";
}

std::unique_ptr<ApiWatch> WatchCache::watch(WatchOptions options) {
  std::string scope = scope_of(options);
  return std::make_unique<Watch>(shared_from_this(), std::move(options), std::move(scope));
}

void WatchCache::end_watches() {
  for (const auto& [scope, watches] : watches_) {
    for (Watch* watch : watches) watch->drop();
  }
}

std::size_t WatchCache::watches() const {
  std::size_t count = 0;
  for (const auto& [scope, watches] : watches_) count += watches.size();
  return count;
}

}  // namespace racebed::models

#include "models/apiserver/watch_stream.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

constexpr Duration kBookmarkEvery = std::chrono::minutes{1};
constexpr Duration kBookmarkBeforeEnd = std::chrono::seconds{2};

/// The content before with the revision of the change that took it out of sight.
JsonPtr with_revision(const Json& object, std::uint64_t revision) {
  Json copy = object;
  copy["metadata"]["resourceVersion"] = fmt::format("{}", revision);
  return std::make_shared<const Json>(std::move(copy));
}

WatchEvent error_event(const Refusal& refusal) {
  return {WatchEventType::error, refusal.body()};
}

}  // namespace

WatchCache::Watch::Watch(std::shared_ptr<WatchCache> cache, WatchOptions options, std::string scope)
    : cache_(std::move(cache)),
      options_(std::move(options)),
      scope_(std::move(scope)),
      deadline_(cache_->clock_.steady_now() + options_.timeout),
      changed_(cache_->clock_) {
  bookmark_at_ = next_bookmark(cache_->clock_.steady_now());
  begin();
  cache_->watches_[scope_].push_back(this);
}

WatchCache::Watch::~Watch() {
  const auto found = cache_->watches_.find(scope_);
  if (found == cache_->watches_.end()) return;
  std::erase(found->second, this);
  if (found->second.empty()) cache_->watches_.erase(found);
}

void WatchCache::Watch::begin() {
  initial_end_ = options_.initial_end;
  if (options_.initial) {
    cache_->objects().walk(scope_, false, [&](std::string_view key, const JsonPtr& object) {
      if (!key.starts_with(scope_)) return false;
      const bool in_scope = scope_.empty() || scope_.back() == '/' || key == scope_;
      if (in_scope && options_.selector.matches(*object)) initial_.push_back({WatchEventType::added, object});
      return true;
    });
    return;
  }
  too_old_ = options_.from < cache_->oldest_;
  if (too_old_) return;
  const auto& past = cache_->changes_;
  const auto later = [](std::uint64_t revision, const ChangePtr& change) {
    return revision < change->revision;
  };
  for (auto it = std::upper_bound(past.begin(), past.end(), options_.from, later); it != past.end(); ++it) {
    const Change& change = **it;
    const bool in_scope =
        scope_.empty() || (scope_.back() == '/' ? change.key.starts_with(scope_) : change.key == scope_);
    if (!in_scope) continue;
    JsonPtr gone;
    if (auto event = shown(change, gone)) initial_.push_back(std::move(*event));
  }
}

/// Selectors are edge-triggered (kubernetes.md §1.14).
std::optional<WatchEvent> WatchCache::Watch::shown(const Change& change, JsonPtr& gone) const {
  const Selector& selector = options_.selector;
  const bool was = change.before && selector.matches(*change.before);
  const bool is = change.after && selector.matches(*change.after);
  if (!was && !is) return std::nullopt;
  if (was && is) return WatchEvent{WatchEventType::modified, change.after};
  if (is) return WatchEvent{WatchEventType::added, change.after};
  if (!change.after) return WatchEvent{WatchEventType::deleted, change.last};
  if (!gone) gone = with_revision(*change.before, change.revision);
  return WatchEvent{WatchEventType::deleted, gone};
}

void WatchCache::Watch::push(const Change& change, JsonPtr& gone) {
  if (dropped_ || too_old_ || (!options_.initial && change.revision <= options_.from)) return;
  auto event = shown(change, gone);
  if (!event) return;
  const Instant now = cache_->clock_.steady_now();
  if (now >= deadline_) return;
  if (live_.size() >= cache_->limits_.backlog_max) return drop();
  Instant due = now + cache_->policy_.watch_delay(options_.scope, change);
  if (!live_.empty()) due = std::max(due, live_.back().due);
  live_.push_back({due, std::move(*event)});
  if (live_.size() == 1) changed_.notify_all();
}

void WatchCache::Watch::drop() {
  dropped_ = true;
  held_.reset();
  initial_.clear();
  live_.clear();
  changed_.notify_all();
}

asio::awaitable<std::optional<WatchEvent>> WatchCache::Watch::next() {
  for (;;) {
    if (dropped_) co_return std::nullopt;
    const Instant now = cache_->clock_.steady_now();
    auto event = judged(now);
    if (event || dropped_) co_return std::move(event);
    if (now >= deadline_) {
      drop();
      co_return std::nullopt;
    }
    [[maybe_unused]] const bool notified = co_await changed_.wait_until(wake_at());
  }
}

/// What is ready, and what the policy makes of it.
std::optional<WatchEvent> WatchCache::Watch::judged(Instant now) {
  using Outcome = WatchVerdict::Outcome;
  if (stalled_ || (held_ && now < held_until_)) return std::nullopt;
  auto event = held_ ? std::exchange(held_, std::nullopt) : ready(now);
  if (!event || dropped_) return event;  // an error of its own has ended it
  const WatchVerdict verdict = cache_->policy_.watch_event(options_.scope, *event, handed_out_ + 1);
  if (verdict.held > Duration{0}) {
    held_ = std::move(event);
    held_until_ = now + verdict.held;
    return std::nullopt;
  }
  switch (verdict.outcome) {
    case Outcome::show:
      ++handed_out_;
      return event;
    case Outcome::stall:
      stalled_ = true;
      return std::nullopt;
    case Outcome::end:
    case Outcome::reset:
      broke_ = verdict.outcome == Outcome::reset;
      drop();
      return std::nullopt;
    case Outcome::gone:
      drop();
      return error_event(expired("The resourceVersion for the provided watch is too old."));
    case Outcome::error:
      drop();
      return error_event({.code = 500,
                          .reason = "InternalError",
                          .message = "Internal error occurred: etcdserver: no leader"});
  }
  return std::nullopt;
}

std::optional<WatchEvent> WatchCache::Watch::ready(Instant now) {
  if (too_old_) {
    drop();
    return error_event(
        expired(fmt::format("too old resource version: {} ({})", options_.from, cache_->oldest_)));
  }
  if (!initial_.empty()) {
    WatchEvent event = std::move(initial_.front());
    initial_.pop_front();
    return event;
  }
  if (std::exchange(initial_end_, false)) return bookmark(true);
  if (!live_.empty()) {
    if (live_.front().due > now) return std::nullopt;
    WatchEvent event = std::move(live_.front().event);
    live_.pop_front();
    return event;
  }
  if (now < bookmark_at_) return std::nullopt;
  bookmark_at_ = next_bookmark(now);
  if (!cache_->policy_.bookmark(options_.scope)) return std::nullopt;
  // Of a revision from the future nothing can be said yet.
  if (!options_.initial && cache_->revision() < options_.from) return std::nullopt;
  return bookmark(false);
}

/// About once a minute and shortly before the end, so that whoever watches on misses little.
Instant WatchCache::Watch::next_bookmark(Instant now) const {
  if (!options_.bookmarks) return Instant::max();
  const Instant before_end = deadline_ - kBookmarkBeforeEnd;
  if (before_end <= now) return Instant::max();
  return std::min(now + kBookmarkEvery, before_end);
}

Instant WatchCache::Watch::wake_at() const {
  if (stalled_) return deadline_;
  if (held_) return std::min(deadline_, held_until_);
  Instant at = std::min(deadline_, bookmark_at_);
  if (!live_.empty()) at = std::min(at, live_.front().due);
  return at;
}

WatchEvent WatchCache::Watch::bookmark(bool initial_end) const {
  const std::uint64_t revision = cache_->revision();
  Json mark{{"kind", cache_->type_.kind},
            {"apiVersion", cache_->type_.api_version()},
            {"metadata", {{"resourceVersion", fmt::format("{}", revision)}}}};
  if (initial_end) mark["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  return {WatchEventType::bookmark, std::make_shared<const Json>(std::move(mark))};
}

}  // namespace racebed::models

#include "models/apiserver/watch_cache.hpp"

#include <fmt/format.h>

#include "models/apiserver/status.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {

void WatchCache::prime(const Store::Objects& objects, std::uint64_t revision) {
  objects_ = objects;
  revision_ = oldest_ = revision;
}

void WatchCache::apply(const Change& change) {
  RACEBED_ASSERT(change.revision > revision_, "a watch cache sees revisions in order");
  revision_ = change.revision;
  if (change.after) {
    objects_[change.key] = change.after;
  } else {
    objects_.erase(change.key);
  }
  changes_.push_back(change);
  if (changes_.size() > kEventsMax) forget_until(changes_.front().revision);
  changed_.notify_all();
}

void WatchCache::forget_until(std::uint64_t revision) {
  while (!changes_.empty() && changes_.front().revision <= revision) {
    oldest_ = changes_.front().revision;
    changes_.pop_front();
    ++first_change_;
  }
}

class WatchCache::Watch final : public ApiWatch {
 public:
  Watch(std::shared_ptr<WatchCache> cache, WatchOptions options)
      : cache_(std::move(cache)),
        options_(std::move(options)),
        deadline_(cache_->clock_.steady_now() + options_.timeout) {
    if (options_.from == 0) {
      for (const auto& [key, object] : cache_->objects_) {
        if (in_scope(key) && options_.selector.matches(*object)) initial_.push_back(object);
      }
      next_ = cache_->first_change_ + cache_->changes_.size();
      return;
    }
    next_ = cache_->first_change_;
    for (const Change& change : cache_->changes_) {
      if (change.revision > options_.from) break;
      ++next_;
    }
  }

  asio::awaitable<std::optional<WatchEvent>> next() override {
    if (ended_) co_return std::nullopt;
    if (options_.from != 0 && options_.from < cache_->oldest_ && !initial_done_) co_return too_old();
    initial_done_ = true;
    if (!initial_.empty()) {
      JsonPtr object = std::move(initial_.front());
      initial_.pop_front();
      co_return WatchEvent{WatchEventType::added, std::move(object)};
    }
    for (;;) {
      if (next_ < cache_->first_change_) co_return too_old();  // slower than the ring
      while (next_ - cache_->first_change_ < cache_->changes_.size()) {
        const Change& change = cache_->changes_[next_++ - cache_->first_change_];
        if (auto event = shown(change)) co_return std::move(event);
      }
      const bool more = co_await cache_->changed_.wait_until(deadline_);
      if (!more && cache_->clock_.steady_now() >= deadline_) co_return at_end();
    }
  }

 private:
  bool in_scope(std::string_view key) const {
    return options_.ns.empty() || (key.size() > options_.ns.size() && key.starts_with(options_.ns) &&
                                   key[options_.ns.size()] == '/');
  }

  /// Selectors are edge-triggered (kubernetes.md §1.14).
  std::optional<WatchEvent> shown(const Change& change) const {
    if (change.revision <= options_.from || !in_scope(change.key)) return std::nullopt;
    const bool was = change.before && options_.selector.matches(*change.before);
    const bool is = change.after && options_.selector.matches(*change.after);
    if (!was && !is) return std::nullopt;
    if (was && is) return WatchEvent{WatchEventType::modified, change.after};
    if (is) return WatchEvent{WatchEventType::added, change.after};
    if (!change.after) return WatchEvent{WatchEventType::deleted, change.last};
    Json previous = *change.before;  // the previous content with the new revision
    previous["metadata"]["resourceVersion"] = fmt::format("{}", change.revision);
    return WatchEvent{WatchEventType::deleted, std::make_shared<const Json>(std::move(previous))};
  }

  WatchEvent too_old() {
    ended_ = true;
    const Refusal refusal =
        expired(fmt::format("too old resource version: {} ({})", options_.from, cache_->oldest_));
    return {WatchEventType::error, refusal.body()};
  }

  std::optional<WatchEvent> at_end() {
    ended_ = true;
    if (!options_.bookmarks) return std::nullopt;
    Json mark{{"kind", cache_->type_.kind},
              {"apiVersion", cache_->type_.api_version()},
              {"metadata", {{"resourceVersion", fmt::format("{}", cache_->revision_)}}}};
    return WatchEvent{WatchEventType::bookmark, std::make_shared<const Json>(std::move(mark))};
  }

  std::shared_ptr<WatchCache> cache_;
  WatchOptions options_;
  Instant deadline_;
  std::deque<JsonPtr> initial_;
  std::uint64_t next_ = 0;  // index, over the cache's life, of the next change to look at
  bool initial_done_ = false;
  bool ended_ = false;
};

std::unique_ptr<ApiWatch> WatchCache::watch(WatchOptions options) {
  return std::make_unique<Watch>(shared_from_this(), std::move(options));
}

}  // namespace racebed::models

// One open watch: what its cache pushed and its reader has not taken yet. Private to models/apiserver.
#pragma once

#include "models/apiserver/watch_cache.hpp"

namespace racebed::models {

class WatchCache::Watch final : public ApiWatch {
 public:
  Watch(std::shared_ptr<WatchCache> cache, WatchOptions options, std::string scope);
  ~Watch() override;

  asio::awaitable<std::optional<WatchEvent>> next() override;
  bool broke() const override { return broke_; }
  void end() override { drop(); }

  /// A change in the watch's scope. `gone` is made once for all watches of which a selector let the object
  /// go.
  void push(const Change& change, JsonPtr& gone);
  /// Ends it at once.
  void drop();
  const std::string& scope() const { return scope_; }

 private:
  struct Item {
    Instant due;
    WatchEvent event;
  };
  void begin();
  std::optional<WatchEvent> ready(Instant now);
  std::optional<WatchEvent> judged(Instant now);
  std::optional<WatchEvent> shown(const Change& change, JsonPtr& gone) const;
  WatchEvent bookmark(bool initial_end) const;
  Instant wake_at() const;
  Instant next_bookmark(Instant now) const;

  std::shared_ptr<WatchCache> cache_;
  const WatchOptions options_;
  const std::string scope_;
  const Instant deadline_;
  Instant bookmark_at_ = Instant::max();
  Event changed_;
  std::deque<WatchEvent> initial_;
  std::deque<Item> live_;
  bool initial_end_ = false;  // the bookmark that says so is still to be sent
  std::uint64_t handed_out_ = 0;
  std::optional<WatchEvent> held_;  // the policy wants it to wait
  Instant held_until_{};
  bool stalled_ = false;
  bool too_old_ = false;
  bool dropped_ = false;
  bool broke_ = false;
};

}  // namespace racebed::models

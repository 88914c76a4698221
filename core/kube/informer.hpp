// A cache of one collection with event handlers: client-go's SharedIndexInformer. Handlers learn of changes
// by key, not by uid: an object deleted and re-created while the watch was down shows as one update whose old
// and new objects have different uids (client-go: documented at SharedInformer). Reads never block and may be
// stale.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/kube/object.hpp"
#include "core/kube/reflector.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::kube {

/// Called one at a time, in order, from a task of this handler's own: by then the lister may already know
/// more.
struct EventHandlers {
  std::function<void(const Object& object, bool in_initial_list)> on_add;
  std::function<void(const Object& before, const Object& after)> on_update;
  /// `final_state_unknown`: the deletion itself was missed; `last` is what the cache knew, perhaps long
  /// outdated.
  std::function<void(const Object& last, bool final_state_unknown)> on_delete;
};

struct InformerOptions {
  ReflectorOptions reflector;
  /// What a relist does first. client-go's RealFIFO (>= 0.33) hands out deletions first, DeltaFIFO last.
  bool deletions_first = true;
  /// Events waiting for one handler; more is a broken assumption.
  std::size_t pending_max = 1'000'000;
};

class Informer final : private ReflectorSink {
 public:
  Informer(Runtime& runtime, Client& client, Resource resource, InformerOptions options, obs::Logger log);
  ~Informer() override;
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  /// Before start().
  void add_handlers(EventHandlers handlers);
  /// Starts the tasks of this informer in a group of its own.
  void start();
  /// Cancels them; returns when they have ended.
  asio::awaitable<void> stop();

  /// The first list is in the cache and its events have been handed to every handler.
  bool has_synced() const;
  /// Returns when has_synced(), or false when `deadline` comes first.
  asio::awaitable<bool> wait_for_sync(Instant deadline);

  /// The lister. A null Object when the cache has none.
  Object get(const ObjectKey& key) const;
  /// All objects of a namespace (all, when empty), by key.
  std::vector<Object> list(const std::string& ns = {}) const;
  std::size_t size() const { return cache_.size(); }

  const Resource& resource() const { return resource_; }
  const ReflectorCounts& counts() const { return reflector_.counts(); }

 private:
  struct Change;
  struct Listener;
  void replace(std::vector<Object> items, const std::string& resource_version) override;
  void apply(WatchEvent::Type type, Object object) override;
  void upsert(Object object, bool in_initial_list);
  void erase(const ObjectKey& key, Object last, bool final_state_unknown);
  void tell(const Change& change);
  asio::awaitable<void> listen(Listener& listener);
  static void call(const EventHandlers& handlers, const Change& change);

  Runtime& runtime_;
  Resource resource_;
  InformerOptions options_;
  std::map<ObjectKey, Object> cache_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Reflector reflector_;
  Event synced_;
  bool listed_ = false;
  TaskGroup tasks_;
};

}  // namespace racebed::kube

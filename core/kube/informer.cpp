#include "core/kube/informer.hpp"

#include <deque>
#include <set>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::kube {

struct Informer::Change {
  enum class Kind { add, update, remove };
  Kind kind = Kind::add;
  Object before;
  Object after;
  bool flag = false;  // add: in the initial list; remove: final state unknown
};

/// One handler with the changes that wait for it.
struct Informer::Listener {
  Listener(Runtime& runtime, EventHandlers h) : handlers(std::move(h)), arrived(runtime.clock) {}
  EventHandlers handlers;
  std::deque<Change> pending;
  Event arrived;
  bool has_initial_list = false;
};

Informer::Informer(Runtime& runtime, Client& client, Resource resource, InformerOptions options,
                   obs::Logger log)
    : runtime_(runtime),
      resource_(std::move(resource)),
      options_(std::move(options)),
      reflector_(runtime, client, resource_, *this, options_.reflector, std::move(log)),
      synced_(runtime.clock),
      tasks_(runtime) {}

Informer::~Informer() = default;

void Informer::add_handlers(EventHandlers handlers) {
  RACEBED_ASSERT(tasks_.size() == 0, "handlers are added before start()");
  listeners_.push_back(std::make_unique<Listener>(runtime_, std::move(handlers)));
}

void Informer::start() {
  for (const auto& listener : listeners_) tasks_.spawn("informer-handler", listen(*listener));
  tasks_.spawn("reflector", reflector_.run());
}

asio::awaitable<void> Informer::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

bool Informer::has_synced() const {
  if (!listed_) return false;
  for (const auto& listener : listeners_) {
    if (!listener->has_initial_list) return false;
  }
  return true;
}

asio::awaitable<bool> Informer::wait_for_sync(Instant deadline) {
  while (!has_synced()) {
    const bool notified = co_await synced_.wait_until(deadline);
    if (!notified) co_return has_synced();
  }
  co_return true;
}

Object Informer::get(const ObjectKey& key) const {
  const auto found = cache_.find(key);
  return found == cache_.end() ? Object() : found->second;
}

std::vector<Object> Informer::list(const std::string& ns) const {
  std::vector<Object> objects;
  auto it = ns.empty() ? cache_.begin() : cache_.lower_bound(ObjectKey{ns, {}});
  for (; it != cache_.end() && (ns.empty() || it->first.ns == ns); ++it) objects.push_back(it->second);
  return objects;
}

void Informer::replace(std::vector<Object> items, const std::string&) {
  std::vector<ObjectKey> gone;
  if (!cache_.empty()) {
    std::set<ObjectKey> listed;
    for (const Object& item : items) listed.insert(item.key());
    for (const auto& [key, object] : cache_) {
      if (!listed.contains(key)) gone.push_back(key);
    }
  }
  const auto delete_missing = [&] {
    for (const ObjectKey& key : gone) erase(key, get(key), true);
  };
  if (options_.deletions_first) delete_missing();
  for (Object& item : items) upsert(std::move(item), !listed_);
  if (!options_.deletions_first) delete_missing();
  if (listed_) return;
  listed_ = true;
  for (const auto& listener : listeners_) listener->arrived.notify_all();
  if (listeners_.empty()) synced_.notify_all();
}

void Informer::apply(WatchEvent::Type type, Object object) {
  if (type != WatchEvent::Type::deleted) return upsert(std::move(object), false);
  const ObjectKey key = object.key();
  erase(key, std::move(object), false);
}

/// What a handler is told depends on whether the key is known, not on the event's type or the uid.
void Informer::upsert(Object object, bool in_initial_list) {
  Object& place = cache_[object.key()];
  if (place) {
    Object before = std::exchange(place, object);
    tell({Change::Kind::update, std::move(before), std::move(object), false});
  } else {
    place = object;
    tell({Change::Kind::add, {}, std::move(object), in_initial_list});
  }
}

void Informer::erase(const ObjectKey& key, Object last, bool final_state_unknown) {
  if (cache_.erase(key) == 0) return;  // client-go drops the deletion of a key it does not know
  tell({Change::Kind::remove, std::move(last), {}, final_state_unknown});
}

void Informer::tell(const Change& change) {
  for (const auto& listener : listeners_) {
    RACEBED_ASSERT(listener->pending.size() < options_.pending_max, "a handler keeps up with its informer");
    listener->pending.push_back(change);
    if (listed_) listener->arrived.notify_all();  // the initial list is announced once, as a whole
  }
}

asio::awaitable<void> Informer::listen(Listener& listener) {
  for (;;) {
    while (!listener.pending.empty()) {
      const Change change = std::move(listener.pending.front());
      listener.pending.pop_front();
      call(listener.handlers, change);
    }
    if (listed_ && !listener.has_initial_list) {
      listener.has_initial_list = true;
      synced_.notify_all();
    }
    co_await listener.arrived.wait();
  }
}

void Informer::call(const EventHandlers& handlers, const Change& change) {
  switch (change.kind) {
    case Change::Kind::add:
      if (handlers.on_add) handlers.on_add(change.after, change.flag);
      return;
    case Change::Kind::update:
      if (handlers.on_update) handlers.on_update(change.before, change.after);
      return;
    case Change::Kind::remove:
      if (handlers.on_delete) handlers.on_delete(change.before, change.flag);
      return;
  }
}

}  // namespace racebed::kube

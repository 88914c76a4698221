#include "models/controllers/mirror.hpp"

namespace racebed::models {
namespace {

std::string key_of(const Json& object) {
  return metadata_of(object, "namespace") + "/" + metadata_of(object, "name");
}

}  // namespace

Mirror::Mirror(Runtime& runtime, ControllerClient& client, ApiResource resource, MirrorListener listener,
               const MirrorOptions& options)
    : runtime_(runtime),
      client_(client),
      resource_(std::move(resource)),
      listener_(std::move(listener)),
      options_(options) {}

asio::awaitable<void> Mirror::run() {
  for (;;) {
    bool listed = !revision_.empty();
    if (!listed) listed = co_await list();
    if (listed) co_await follow();
    // A watch that ended on time is opened again at once; what failed waits.
    if (revision_.empty()) co_await runtime_.clock.sleep_for(options_.retry_after);
  }
}

asio::awaitable<bool> Mirror::list() {
  std::string target = resource_.path() + "?resourceVersion=0";
  ApiHttpResponse answer = co_await client_.send("GET", std::move(target));
  std::map<std::string, JsonPtr> objects;
  if (answer.status == 404) {  // the kind is no longer served: nothing of it is left
    replace(std::move(objects));
    synced_ = true;
    co_return false;
  }
  if (answer.status != 200 || !answer.body) co_return false;
  if (answer.items) {
    for (const JsonPtr& object : answer.items->objects) objects[key_of(*object)] = object;
  } else if (const auto items = answer.body->find("items"); items != answer.body->end()) {
    for (const Json& item : *items) objects[key_of(item)] = JsonPtr(answer.body, &item);
  }
  revision_ = metadata_of(*answer.body, "resourceVersion");
  replace(std::move(objects));
  synced_ = true;
  co_return !revision_.empty();
}

asio::awaitable<void> Mirror::follow() {
  std::string target =
      resource_.path() + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=600&resourceVersion=" + revision_;
  ApiHttpResponse opened = co_await client_.send("GET", std::move(target));
  if (!opened.watch) {
    revision_.clear();
    co_return;
  }
  const Instant begun = runtime_.clock.steady_now();
  for (bool any = false;; any = true) {
    auto event = co_await opened.watch->next();
    if (!event || event->type == WatchEventType::error) {
      // Cut off at once without a word: not to be asked again in a hurry.
      const bool in_vain = !any && runtime_.clock.steady_now() - begun < std::chrono::seconds{1};
      if (event || in_vain) revision_.clear();
      co_return;
    }
    if (options_.lag > Duration{0}) co_await runtime_.clock.sleep_for(options_.lag);
    revision_ = metadata_of(*event->object, "resourceVersion");
    if (event->type == WatchEventType::deleted) remove(event->object);
    if (event->type == WatchEventType::added || event->type == WatchEventType::modified) set(event->object);
  }
}

void Mirror::replace(std::map<std::string, JsonPtr> objects) {
  const auto before = std::exchange(objects_, {});
  for (const auto& [key, object] : before) {
    if (!objects.contains(key)) listener_(resource_, object, nullptr);
  }
  objects_ = std::move(objects);
  for (const auto& [key, object] : objects_) {
    const auto old = before.find(key);
    listener_(resource_, old == before.end() ? nullptr : old->second, object);
  }
}

void Mirror::set(const JsonPtr& object) {
  JsonPtr& slot = objects_[key_of(*object)];
  const JsonPtr before = std::exchange(slot, object);
  listener_(resource_, before, object);
}

void Mirror::remove(const JsonPtr& object) {
  objects_.erase(key_of(*object));
  listener_(resource_, object, nullptr);
}

}  // namespace racebed::models

// A controller's copy of one kind: LIST, then WATCH from there, again from the start when the server has
// forgotten. It is as late as the watch is, and later still if it is told to be.
#pragma once

#include <functional>
#include <map>

#include "models/controllers/api.hpp"

namespace racebed::models {

/// What its owner hears, in the mirror's order. `before` is null for what is new, `after` for what is gone.
using MirrorListener =
    std::function<void(const ApiResource& resource, const JsonPtr& before, const JsonPtr& after)>;

struct MirrorOptions {
  Duration lag{0};  // between a watch event's arrival and its being heard
  Duration retry_after = std::chrono::seconds{1};
};

class Mirror {
 public:
  /// All must outlive it.
  Mirror(Runtime& runtime, ControllerClient& client, ApiResource resource, MirrorListener listener,
         const MirrorOptions& options);
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  /// Runs until cancelled.
  asio::awaitable<void> run();

  const ApiResource& resource() const { return resource_; }
  bool synced() const { return synced_; }
  /// By "namespace/name".
  const std::map<std::string, JsonPtr>& objects() const { return objects_; }

 private:
  asio::awaitable<bool> list();
  asio::awaitable<void> follow();
  void replace(std::map<std::string, JsonPtr> objects);
  void set(const JsonPtr& object);
  void remove(const JsonPtr& object);

  Runtime& runtime_;
  ControllerClient& client_;
  const ApiResource resource_;
  const MirrorListener listener_;
  const MirrorOptions options_;
  std::map<std::string, JsonPtr> objects_;
  std::string revision_;  // empty: a list is due
  bool synced_ = false;
};

}  // namespace racebed::models

// An informer before a scripted server, and the story of what it asked and what its handlers heard.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/kube/informer.hpp"
#include "tests/core_kube/scripted_server.hpp"

namespace racebed::kube::tests {

inline const Resource kWidgets{"example.com", "v1", "widgets", "Widget", true};

inline std::string shown(const Object& object) {
  return fmt::format("{}({},{})", object.name(), object.uid(), object.resource_version());
}

inline EventHandlers told(Story& story) {
  EventHandlers handlers;
  handlers.on_add = [&story](const Object& object, bool initial) {
    story(fmt::format("  add {}{}", shown(object), initial ? " initial" : ""));
  };
  handlers.on_update = [&story](const Object& before, const Object& after) {
    story(fmt::format("  update {} to {}", shown(before), shown(after)));
  };
  handlers.on_delete = [&story](const Object& last, bool unknown) {
    story(fmt::format("  delete {}{}", shown(last), unknown ? " final state unknown" : ""));
  };
  return handlers;
}

inline asio::awaitable<void> follow(Runtime& runtime, Story& story, std::vector<Reply> replies,
                                    InformerOptions options) {
  ScriptedServer server(runtime, story, std::move(replies));
  ClientOptions client_options;
  client_options.retries_max = 0;
  Client client(runtime, server, client_options);
  Informer informer(runtime, client, kWidgets, std::move(options), obs::Logger());
  EventHandlers handlers = told(story);
  informer.add_handlers(std::move(handlers));
  informer.start();
  const bool synced = co_await informer.wait_for_sync(Instant::max());
  story(synced ? "  synced" : "  not synced");
  co_await runtime.clock.sleep_until(Instant::max());
}

inline std::string followed(Duration duration, std::vector<Reply> replies, InformerOptions options = {}) {
  return tell(duration,
              [&](Runtime& runtime, Story& story) { return follow(runtime, story, replies, options); });
}

}  // namespace racebed::kube::tests

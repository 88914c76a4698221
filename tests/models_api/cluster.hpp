// A store under some front ends in one process, and the few words in which these tests speak: configmaps of
// namespace `a`, told as "name=value@revision".
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/apiserver/front_end.hpp"
#include "runtime/task_group.hpp"
#include "sim/kernel.hpp"

namespace racebed::models::tests {

using namespace std::chrono_literals;

inline const std::string kConfigMaps = "/api/v1/namespaces/a/configmaps";

inline JsonPtr shared(Json json) {
  return std::make_shared<const Json>(std::move(json));
}

/// Calm, but for what a test sets.
struct TestPolicy final : FrontEndPolicy {
  explicit TestPolicy(Runtime& r) : runtime(r) {}
  Duration cache_lag(const Change&) override {
    return drawn ? Duration(std::chrono::milliseconds{runtime.random.below(20, "test-lag")}) : lag;
  }
  Duration watch_delay(const WatchScope& scope, const Change&) override {
    return scope.client.process == slow_client ? 5s : Duration{0};
  }
  std::uint64_t cache_begins_at(const ResourceType&, std::uint64_t latest) override {
    return begins_at.value_or(latest);
  }
  Duration cache_warm_up(const ResourceType&) override { return warm_up; }
  RequestVerdict request(const ApiHttpRequest&) override { return verdict; }
  Runtime& runtime;
  bool drawn = false;  // a lag of 0 to 19 ms, change by change
  Duration lag{0};
  Duration warm_up{0};
  std::string slow_client = "slow";
  std::optional<std::uint64_t> begins_at;
  RequestVerdict verdict;
};

struct Cluster {
  explicit Cluster(Runtime& r, std::size_t servers = 1, FrontEndOptions o = {})
      : runtime(r), policy(r), options(o) {
    for (std::size_t i = 0; i < servers; ++i) front_ends.push_back(make_front_end());
  }
  Runtime& runtime;
  Ledger ledger{[this] { return runtime.clock.now(); }};
  Store store{ledger};
  Registry registry = builtin_resources();
  TestPolicy policy;
  FrontEndOptions options;
  std::vector<std::unique_ptr<FrontEnd>> front_ends;

  FrontEnd& front_end(std::size_t i = 0) { return *front_ends[i]; }
  std::unique_ptr<FrontEnd> make_front_end() {
    return std::make_unique<FrontEnd>(runtime, store, registry, policy, ledger, options);
  }
  asio::awaitable<ApiHttpResponse> call(std::string method, std::string target, JsonPtr body = nullptr,
                                        std::size_t server = 0, std::string client = {}) {
    ApiHttpRequest request{.method = std::move(method), .target = std::move(target), .body = std::move(body)};
    request.client.process = std::move(client);
    auto response = co_await front_end(server).handle(std::move(request));
    co_return std::move(*response);
  }
  asio::awaitable<void> make_namespace(std::string name) {
    const JsonPtr body = shared({{"metadata", {{"name", name}}}});
    co_await call("POST", "/api/v1/namespaces", body);
  }
  /// Creates the configmap, or replaces it. Labels as "k=v".
  asio::awaitable<void> set(std::string name, std::string value, std::string label = {}) {
    Json object{{"metadata", {{"name", name}}}, {"data", {{"v", value}}}};
    const std::size_t equals = label.find('=');
    if (equals != std::string::npos)
      object["metadata"]["labels"][label.substr(0, equals)] = label.substr(equals + 1);
    const JsonPtr body = shared(std::move(object));
    const ApiHttpResponse put = co_await call("PUT", kConfigMaps + "/" + name, body);
    if (put.status == 404) co_await call("POST", kConfigMaps, body);
  }
  asio::awaitable<void> unset(std::string name) { co_await call("DELETE", kConfigMaps + "/" + name); }
  /// The body's story: "7: n1=x@3 n2=y@4", or the refusal's code, reason and message.
  asio::awaitable<std::string> list(std::string query, std::size_t server = 0) {
    const ApiHttpResponse answer = co_await call("GET", kConfigMaps + query, nullptr, server);
    co_return tell(answer);
  }
  static std::string tell(const Json& object) {
    return fmt::format("{}={}@{}", metadata_text(object, "name"),
                       object.value(Json::json_pointer("/data/v"), std::string("-")), revision_of(object));
  }
  static std::string tell(const ApiHttpResponse& answer) {
    if (!answer.body) return fmt::format("{} {}", answer.status, answer.text);
    const Json body = whole_body(answer);
    if (answer.status != 200)
      return fmt::format("{} {} {}", answer.status, body.value("reason", ""), body.value("message", ""));
    if (!answer.items) return tell(body);
    std::string text = metadata_text(body, "resourceVersion") + ":";
    for (const Json& item : body["items"]) text += " " + tell(item);
    return text;
  }
  static std::string tell(const WatchEvent& event) {
    if (event.type == WatchEventType::error)
      return fmt::format("ERROR {} {}", (*event.object)["code"].dump(), event.object->value("message", ""));
    if (event.type == WatchEventType::bookmark)
      return fmt::format("BOOKMARK {}{}", revision_of(*event.object),
                         (*event.object)["metadata"].contains("annotations") ? " end" : "");
    return fmt::format("{} {}", to_text(event.type), tell(*event.object));
  }
  /// All that a watch says until it ends; with `times` each event's time since the call.
  asio::awaitable<std::string> watch(std::string query, std::size_t server = 0, std::string client = {},
                                     bool times = false) {
    const Instant begin = runtime.clock.steady_now();
    ApiHttpResponse opened = co_await call("GET", kConfigMaps + "?watch=1" + query, nullptr, server, client);
    if (!opened.watch) co_return tell(opened);
    std::string story;
    for (;;) {
      auto event = co_await opened.watch->next();
      if (!event) co_return story + "end";
      if (times) story += fmt::format("{}s ", (runtime.clock.steady_now() - begin) / std::chrono::seconds{1});
      story += tell(*event) + ", ";
    }
  }
};

using Main = std::function<asio::awaitable<void>(Runtime&)>;

/// Runs `main` as a process of its own; an exception that leaves it comes out again.
inline void in_world(std::uint64_t seed, const Main& main) {
  sim::Choices choices(sim::seeded_choices(seed));
  sim::Kernel kernel(choices);
  sim::Process& process = kernel.add_process({.name = "apiserver"});
  std::exception_ptr failure;
  process.start([&](Runtime& runtime) -> asio::awaitable<void> {
    try {
      co_await main(runtime);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  kernel.run();
  if (failure) std::rethrow_exception(failure);
  REQUIRE_FALSE(kernel.leak().has_value());
}

}  // namespace racebed::models::tests

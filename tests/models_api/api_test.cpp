// The API server's laws, checked against a naive model, and the users' story over an unreliable way to it.
#include <fmt/format.h>
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "models/sinks/token.hpp"
#include "models/users/workload.hpp"
#include "runtime/task_group.hpp"
#include "tests/models_api/cluster.hpp"
#include "tests/support/world.hpp"

namespace racebed::models::tests {
namespace {

using namespace std::chrono_literals;

const std::string kNotifications =
    "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests";

struct Operation {
  int what;  // 0 create, 1 update, 2 delete
  int name;
};

struct Seen {
  std::string type;
  std::string name;
  std::uint64_t revision;
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// Carries out the operations and returns what a naive server would have told its watchers.
asio::awaitable<void> apply(Cluster& server, const std::vector<Operation>& operations,
                            std::vector<Seen>& told) {
  std::map<std::string, int> naive;  // name → value
  int value = 0;
  for (const Operation& operation : operations) {
    const std::string name = fmt::format("n{}", operation.name);
    const std::string path = kConfigMaps + "/" + name;
    const bool there = naive.contains(name);
    const std::uint64_t before = server.store.revision();
    const JsonPtr body = shared({{"metadata", {{"name", name}}}, {"data", {{"v", std::to_string(++value)}}}});
    ApiHttpResponse response;
    if (operation.what == 0) {
      response = co_await server.call("POST", kConfigMaps, body);
      RC_ASSERT(response.status == (there ? 409 : 201));
    } else if (operation.what == 1) {
      response = co_await server.call("PUT", path, body);
      RC_ASSERT(response.status == (there ? 200 : 404));
    } else {
      response = co_await server.call("DELETE", path);
      RC_ASSERT(response.status == (there ? 200 : 404));
    }
    const bool committed = response.status < 300;
    RC_ASSERT(server.store.revision() == before + (committed ? 1 : 0));
    if (!committed) continue;
    static const char* const kTypes[] = {"ADDED", "MODIFIED", "DELETED"};
    told.push_back({kTypes[operation.what], name, server.store.revision()});
    if (operation.what == 2) {
      naive.erase(name);
    } else {
      naive[name] = value;
    }
  }
  const ApiHttpResponse list = co_await server.call("GET", kConfigMaps);
  const Json body = whole_body(list);
  RC_ASSERT(body["items"].size() == naive.size());
  for (const Json& item : body["items"]) {
    RC_ASSERT(item["data"]["v"] == std::to_string(naive.at(item["metadata"]["name"])));
  }
}

asio::awaitable<void> watch_from(Cluster& server, std::uint64_t revision, std::vector<Seen>& seen) {
  ApiHttpResponse opened = co_await server.call(
      "GET", fmt::format("{}?watch=1&timeoutSeconds=2&resourceVersion={}", kConfigMaps, revision));
  for (;;) {
    auto event = co_await opened.watch->next();
    if (!event) co_return;
    seen.push_back({std::string(to_text(event->type)), metadata_text(*event->object, "name"),
                    revision_of(*event->object)});
  }
}

asio::awaitable<void> history_law(Runtime& runtime, std::vector<Operation> operations, bool lagging) {
  Cluster server(runtime);
  server.policy.drawn = lagging;
  TaskGroup tasks(runtime);
  tasks.spawn("front-end", server.front_end().run());
  co_await server.make_namespace("a");
  const std::uint64_t start = server.store.revision();
  std::vector<Seen> told;
  co_await apply(server, operations, told);
  for (std::uint64_t from = start; from <= server.store.revision(); ++from) {
    std::vector<Seen> seen;
    co_await watch_from(server, from, seen);
    std::vector<Seen> expected;
    for (const Seen& event : told) {
      if (event.revision > from) expected.push_back(event);
    }
    RC_ASSERT(seen == expected);
  }
  tasks.cancel();
  co_await tasks.join();
}

TEST_CASE("the store is a map, revisions grow by one, and a watch from r tells exactly what came after r") {
  for (const bool lagging : {false, true}) {
    const bool holds = rc::check(lagging ? "with a lagging watch cache" : "at once", [lagging] {
      const auto raw = *rc::gen::container<std::vector<std::pair<int, int>>>(
          rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(0, 3)));
      std::vector<Operation> operations;
      for (const auto& [what, name] : raw) {
        if (operations.size() < 20) operations.push_back({what, name});
      }
      const auto seed = *rc::gen::arbitrary<std::uint64_t>();
      in_world(seed, [&](Runtime& runtime) { return history_law(runtime, operations, lagging); });
    });
    CHECK(holds);
  }
}

asio::awaitable<void> ten_writers(Runtime& runtime) {
  Cluster server(runtime);
  co_await server.make_namespace("default");
  const JsonPtr body = shared({{"metadata", {{"name", "x"}}}, {"spec", notification_spec()}});
  const ApiHttpResponse made = co_await server.call("POST", kNotifications, body);
  int won = 0;
  int conflicts = 0;
  for (int i = 0; i < 10; ++i) {
    Json desired = *made.body;
    desired["status"] = {{"phase", "Pending"}, {"message", fmt::format("writer {}", i)}};
    const JsonPtr write = shared(std::move(desired));
    const ApiHttpResponse response = co_await server.call("PUT", kNotifications + "/x/status", write);
    if (response.status == 200) ++won;
    if (response.status == 409 && (*response.body)["reason"] == "Conflict") ++conflicts;
  }
  CHECK(won == 1);
  CHECK(conflicts == 9);
}

TEST_CASE("of n writers with one resourceVersion exactly one wins, the others are told Conflict") {
  in_world(1, ten_writers);
}

asio::awaitable<void> change_spec(Runtime& runtime) {
  Cluster server(runtime);
  co_await server.make_namespace("default");
  const JsonPtr body = shared({{"metadata", {{"name", "x"}}}, {"spec", notification_spec()}});
  const ApiHttpResponse made = co_await server.call("POST", kNotifications, body);
  CHECK((*made.body)["spec"]["retentionDays"] == 7);
  Json changed = *made.body;
  changed["spec"]["subject"] = "another";
  const JsonPtr write = shared(std::move(changed));
  const ApiHttpResponse refused = co_await server.call("PUT", kNotifications + "/x", write);
  CHECK(refused.status == 422);
  const std::string text = refused.body->dump();
  CHECK(text.find("spec is immutable after creation (DD-NOT-005)") != std::string::npos);
}

TEST_CASE("a notification's spec is immutable, and says so with its rule's message") {
  in_world(1, change_spec);
}

/// 5 ms there and back; every third answer is lost, half of those before anything happened.
class BadLine final : public UserApi {
 public:
  BadLine(Runtime& runtime, FrontEnd& front_end) : runtime_(runtime), front_end_(front_end) {}
  asio::awaitable<std::optional<ApiHttpResponse>> call(ApiHttpRequest request) override {
    const std::uint64_t luck = runtime_.random.below(6, "test-luck");
    co_await runtime_.clock.sleep_for(5ms);
    if (luck == 5) co_return std::nullopt;
    auto response = co_await front_end_.handle(std::move(request));
    co_await runtime_.clock.sleep_for(5ms);
    if (luck == 4) co_return std::nullopt;
    co_return std::move(response);
  }

 private:
  Runtime& runtime_;
  FrontEnd& front_end_;
};

/// A controller of few lines: Sending, then Sent, for whatever appears.
asio::awaitable<void> deliver(Cluster& server) {
  ApiHttpResponse opened = co_await server.call("GET", kNotifications + "?watch=1&timeoutSeconds=3600");
  for (;;) {
    auto event = co_await opened.watch->next();
    if (!event) co_return;
    if (event->type != WatchEventType::added) continue;
    for (const char* phase : {"Sending", "Sent"}) {
      co_await server.runtime.clock.sleep_for(50ms);
      const JsonPtr patch = shared({{"status", {{"phase", phase}}}});
      ApiHttpRequest request{
          .method = "PATCH",
          .target = kNotifications + "/" + metadata_text(*event->object, "name") + "/status",
          .content_type = "application/merge-patch+json",
          .body = patch};
      co_await server.front_end().handle(std::move(request));
    }
  }
}

struct Count {
  std::set<std::string> uids{};
  std::set<std::string> tokens{};
  int commits = 0;
  int deletions = 0;
};

Count count(const Ledger& ledger) {
  Count result;
  for (const Fact& fact : ledger.facts()) {
    if (const auto* created = std::get_if<UserCreated>(&fact.what)) {
      result.uids.insert(created->object.uid);
      result.tokens.insert(created->token);
    }
    if (std::holds_alternative<UserDeleted>(fact.what)) ++result.deletions;
    const auto* committed = std::get_if<Committed>(&fact.what);
    if (committed != nullptr && committed->object.resource == "notificationrequests" &&
        committed->operation == Committed::Operation::create) {
      ++result.commits;
    }
  }
  return result;
}

asio::awaitable<void> users_story(Runtime& runtime, std::string& story) {
  Cluster server(runtime);
  BadLine line(runtime, server.front_end());
  co_await server.make_namespace("default");
  TaskGroup tasks(runtime);
  tasks.spawn("controller", deliver(server));
  Workload workload(runtime, line, server.ledger, create_delete_create({}));
  co_await workload.run();
  CHECK(workload.finished());
  CHECK(workload.gave_up() == "");
  const Count seen = count(server.ledger);
  CHECK(seen.uids.size() == 11);
  CHECK(seen.tokens.size() == 11);
  CHECK(seen.commits == 11);  // a lost answer never made a second incarnation of one token
  CHECK(seen.deletions == 10);
  story = fmt::format("{} facts", server.ledger.facts().size());
  tasks.cancel();
  co_await tasks.join();
}

TEST_CASE(
    "ten deletions of one name over a line that loses answers: eleven incarnations, each created once") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    racebed::tests::run_twice(seed, [](sim::Kernel& kernel) {
      std::string story;
      sim::Process& process = kernel.add_process({.name = "user"});
      process.start([&](Runtime& runtime) { return users_story(runtime, story); });
      kernel.run();
      CHECK_FALSE(story.empty());
      return story;
    });
  }
}

TEST_CASE("a token is read back out of the subject that carries it") {
  CHECK(token_in(subject_with_token("Disk full", "cdc-0-3")) == "cdc-0-3");
  CHECK(token_in("Disk full") == "");
  CHECK(token_in("Disk full [token:cut") == "");
}

}  // namespace
}  // namespace racebed::models::tests

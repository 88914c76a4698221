// Faults at work: whom they hit, when exactly, and what is left.
#include "faults/engine.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/net/https_client.hpp"
#include "faults/catalogue/catalogue.hpp"
#include "faults/targets.hpp"
#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;
using models::Json;

models::Committed lease(const char* holder) {
  Json object = {{"spec", Json::object()}};
  if (holder != nullptr) object["spec"]["holderIdentity"] = holder;
  return {models::Committed::Operation::update,
          {"leases", "default", "notification.kubernaut.ai", "u"},
          7,
          nullptr,
          std::make_shared<const Json>(std::move(object))};
}

asio::awaitable<void> idle(Runtime& runtime) {
  co_await runtime.clock.sleep_for(1h);
}

std::vector<std::string> fired(const models::Ledger& ledger) {
  std::vector<std::string> all;
  for (const models::Fact& fact : ledger.facts()) {
    if (const auto* fault = std::get_if<models::FaultFired>(&fact.what))
      all.push_back(fault->fault + ": " + fault->detail);
  }
  return all;
}

/// A world without API servers and users.
class Nowhere final : public Surroundings {
 public:
  explicit Nowhere(models::Ledger& ledger) : store_(ledger) {}
  models::FrontEnd* front_end(std::string_view) override { return nullptr; }
  models::Store& store() override { return store_; }
  void roll_controllers(Duration) override {}
  void create_more(std::uint64_t, Duration, bool) override {}
  void remove(const models::ObjectRef&, std::uint64_t) override {}
  void recreate(const models::ObjectRef&, Duration) override {}
  void meddle(const models::ObjectRef&, bool, Meddling, std::function<bool()>) override {}
  void remove_lease() override {}

 private:
  models::Store store_;
};

FaultPlan plan_of(std::string_view id, std::string target) {
  FaultPlan plan;
  plan.info = find_fault(id);
  plan.target = std::move(target);
  for (const ParameterInfo& parameter : plan.info->parameters)
    plan.values.push_back({parameter.otherwise, parameter.otherwise, 1});
  return plan;
}

}  // namespace

TEST_CASE("the leader is the process whose lease it is, as the store knows it") {
  sim::Choices choices(sim::scripted_choices({}));
  sim::Kernel kernel(choices);
  models::Ledger ledger([&] { return kernel.now(); });
  const LeaseHolder leader(ledger);
  for (const char* name : {"controller-1", "controller-10", "slack"})
    kernel.add_process({.name = name}).start(idle);
  const auto target = [&] {
    const sim::Process* process = find_target(kernel, "leader", leader);
    return process == nullptr ? std::string("nobody") : std::string(process->name());
  };
  CHECK(target() == "nobody");
  ledger.record({"apiserver", 1}, lease("controller-1_4"));
  CHECK(target() == "controller-1");
  models::Committed other = lease("controller-1_4");
  other.object.resource = "notificationrequests";
  ledger.record({"apiserver", 1}, lease("controller-10_1"));
  ledger.record({"apiserver", 1}, other);
  CHECK(target() == "controller-10");
  ledger.record({"apiserver", 1}, lease(""));
  CHECK(target() == "nobody");
  ledger.record({"apiserver", 1}, lease("somebody-else_1"));
  CHECK(target() == "nobody");
  ledger.record({"apiserver", 1}, lease(nullptr));
  CHECK(target() == "nobody");
  CHECK(find_target(kernel, "slack", leader) == kernel.find_process("slack"));
  CHECK(find_target(kernel, "controller-7", leader) == nullptr);
}

TEST_CASE(
    "process-kill: no statement more, files as they were; process-power-loss: unsynced files gone too") {
  for (const auto& [fault, files_left] :
       {std::pair{"process-kill", "synced unsynced "}, std::pair{"process-power-loss", "synced "}}) {
    CAPTURE(files_left);
    sim::Choices choices(sim::scripted_choices({}));
    sim::Kernel kernel(choices);
    sim::CalmLinks links(choices, {});
    sim::SimFabric fabric(kernel, links);
    kernel.set_fabric(&fabric);
    models::Ledger ledger([&] { return kernel.now(); });
    Nowhere nowhere(ledger);
    models::FrontEndPolicy calm_api;
    Engine engine(kernel, ledger, nowhere, {links, calm_api}, {});
    sim::Process& process = kernel.add_process({.name = "controller-0"});
    std::string story;
    process.start([&](Runtime& runtime) -> asio::awaitable<void> {
      std::string found;
      for (const char* name : {"synced", "unsynced"}) {
        std::string path = std::string("/") + name;
        const auto content = co_await runtime.files.read(std::move(path));
        if (content) found += *content + " ";
      }
      story += "begins with " + found + "; ";
      for (const char* name : {"synced", "unsynced"}) {
        std::string path = std::string("/") + name;
        std::string content = name;
        co_await runtime.files.write(path, std::move(content));
        if (path == "/synced") co_await runtime.files.sync(std::move(path));
      }
      co_await runtime.clock.sleep_for(2s);
      story += "lives on; ";
    });
    FaultPlan plan = plan_of(fault, "controller-0");
    plan.at = {Duration{1s}.count(), Duration{1s}.count()};
    engine.arm({plan, plan});  // the second finds nobody alive, and is not told
    kernel.call_at(kernel.world(), kernel.now() + 1s, [&] { process.restart(500ms); });
    kernel.run(kernel.now() + 2s);
    CHECK(story == std::string("begins with ; begins with ") + files_left + "; ");
    CHECK(fired(ledger) == std::vector<std::string>{std::string(fault) + ": controller-0, at its time"});
    process.kill();
  }
}

TEST_CASE("the n-th acceptance by Slack kills the leader before it hears of it, and no other") {
  for (const std::uint64_t n : {1U, 2U, 3U}) {
    CAPTURE(n);
    racebed::tests::run_twice(n, [&](sim::Kernel& kernel) {
      sim::CalmLinks links(kernel.choices(), {});
      sim::SimFabric fabric(kernel, links);
      kernel.set_fabric(&fabric);
      models::Ledger ledger([&] { return kernel.now(); });
      Nowhere nowhere(ledger);
      models::FrontEndPolicy calm_api;
      Engine engine(kernel, ledger, nowhere, {links, calm_api}, {});
      models::Workspace workspace({});
      models::SlackPolicy calm;
      std::optional<models::Slack> slack;
      sim::Process& server = kernel.add_process({.name = "slack"});
      server.start([&](Runtime& runtime) {
        slack.emplace(runtime, workspace, nullptr, calm, ledger, models::Actor{"slack", 1},
                      models::SlackOptions{.tls = false});
        (void)slack->listen();
        return slack->run();
      });
      sim::Process& standby = kernel.add_process({.name = "controller-1"});
      standby.start(idle);
      std::uint64_t confirmed = 0;
      sim::Process& replica = kernel.add_process({.name = "controller-0"});
      replica.start([&](Runtime& runtime) -> asio::awaitable<void> {
        ledger.record({"apiserver", 1}, lease("controller-0_1"));
        net::HttpsClient https(runtime, {});
        for (int i = 0; i < 5; ++i) {
          co_await runtime.clock.sleep_for(100ms);
          net::HttpRequest request;
          request.url = *net::parse_url("http://slack:443/services/T0RACE/B0RACE/f4k3s3cr3t");
          request.body = R"({"blocks":[{"type":"header","text":{"type":"plain_text","text":"[token:a]"}}]})";
          const auto answer = co_await https.send(std::move(request));
          if (answer && answer->status == 200) ++confirmed;
        }
      });
      FaultPlan plan = plan_of("process-kill", "leader");
      plan.trigger.emplace();
      plan.trigger->condition = Condition::nth(n, {.kind = "delivered", .channel = "slack"});
      engine.arm({plan});
      kernel.run(kernel.now() + 10s);
      CHECK(workspace.messages() == n);  // accepted, for good
      CHECK(confirmed == n - 1);         // and never known to the sender
      CHECK(replica.state() == sim::ProcessState::dead);
      CHECK(standby.state() == sim::ProcessState::running);
      CHECK(fired(ledger).size() == 1);
      server.kill();  // before what it serves goes
      standby.kill();
      return std::to_string(confirmed);
    });
  }
}

TEST_CASE("the catalogue says of each fault what it stands for and what can be set") {
  std::vector<std::string_view> ids;
  for (const FaultInfo& fault : catalogue()) {
    CAPTURE(fault.id);
    CHECK(std::find(ids.begin(), ids.end(), fault.id) == ids.end());
    ids.push_back(fault.id);
    CHECK_FALSE(fault.family.empty());
    CHECK_FALSE(fault.stands_for.empty());
    for (const ParameterInfo& parameter : fault.parameters) {
      CAPTURE(parameter.name);
      CHECK_FALSE(parameter.meaning.empty());
      CHECK(parameter.min <= parameter.otherwise);
      CHECK(parameter.otherwise <= parameter.max);
      CHECK((parameter.kind == ParameterInfo::Kind::word) == !parameter.words.empty());
    }
  }
  CHECK(std::find(ids.begin(), ids.end(), "process-kill") != ids.end());
}

}  // namespace racebed::faults

#include "experiments/world/visitors.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/world/plan.hpp"
#include "experiments/world/transport_user.hpp"
#include "models/sinks/token.hpp"
#include "models/users/workload.hpp"

namespace racebed::experiments {

using models::Json;
using models::ObjectRef;

namespace {

constexpr const char* kVisitor = "visitor";

std::string path_of(const ObjectRef& object) {
  return fmt::format("/apis/notification.kubernaut.ai/v1alpha1/namespaces/{}/notificationrequests/{}",
                     object.ns, object.name);
}

models::ApiHttpRequest request(std::string method, std::string target, Json body = nullptr) {
  models::ApiHttpRequest made{.method = std::move(method), .target = std::move(target)};
  made.client = {kVisitor, 1};
  if (!body.is_null()) {
    made.content_type = "application/json";
    made.body = std::make_shared<const Json>(std::move(body));
  }
  return made;
}

/// What one client writes: its own condition in the status, or its own label.
struct Mark {
  std::string name;
  bool with_status = false;
  std::uint64_t bytes = 0;
};

Json marked(Json object, const Mark& mark, std::uint64_t round, const std::string& now) {
  if (!mark.with_status) {
    object["metadata"]["labels"][mark.name] = fmt::format("round-{}", round);
    return object;
  }
  Json& conditions = object["status"]["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  std::string message = fmt::format("round {}", round);
  if (message.size() < mark.bytes) message.resize(mark.bytes, '.');
  const Json condition{{"type", mark.name},
                       {"status", "True"},
                       {"reason", "Visited"},
                       {"message", std::move(message)},
                       {"lastTransitionTime", now}};
  for (Json& known : conditions) {
    if (known.value("type", "") != mark.name) continue;
    known = condition;
    return object;
  }
  conditions.push_back(condition);
  return object;
}

}  // namespace

/// What lives with the process.
struct Visitors::Hands {
  Hands(sim::Process& process, const ApiServers& api)
      : runtime(process.runtime()),
        link(process, api.endpoints(), ApiLinkOptions{DurationRange{}}),
        user(link),
        tasks(runtime) {}
  Runtime& runtime;
  ApiLink link;
  TransportUser user;
  TaskGroup tasks;
};

namespace {

asio::awaitable<void> follow(Runtime& runtime, models::UserApi& api, models::Ledger& ledger,
                             models::Plan plan) {
  models::WorkloadOptions options;
  options.user = {kVisitor, 1};
  models::Workload workload(runtime, api, ledger, std::move(plan), options);
  co_await workload.run();
}

asio::awaitable<void> remove_once(models::UserApi& api, std::string path, std::string uid) {
  Json body{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", {{"uid", uid}}}};
  models::ApiHttpRequest del = request("DELETE", std::move(path), std::move(body));
  (void)co_await api.call(std::move(del));
}

asio::awaitable<void> remove_lease_once(models::UserApi& api) {
  models::ApiHttpRequest del =
      request("DELETE", "/apis/coordination.k8s.io/v1/namespaces/default/leases/notification.kubernaut.ai");
  (void)co_await api.call(std::move(del));
}

/// A careful client: reads, changes its own part, writes what it read; after a conflict it begins again.
asio::awaitable<void> mark_again_and_again(Runtime& runtime, models::UserApi& api, ObjectRef object,
                                           Mark mark, Duration every, std::function<bool()> over) {
  for (std::uint64_t round = 1; !over(); ++round) {
    models::ApiHttpRequest get = request("GET", path_of(object));
    const auto found = co_await api.call(std::move(get));
    if (found && found->status == 404) co_return;
    if (found && found->status == 200 && found->body) {
      if (found->body->at("metadata").value("uid", "") != object.uid) co_return;
      Json body = marked(*found->body, mark, round, to_rfc3339(runtime.clock.now()));
      models::ApiHttpRequest put =
          request("PUT", path_of(object) + (mark.with_status ? "/status" : ""), std::move(body));
      (void)co_await api.call(std::move(put));
    }
    co_await runtime.clock.sleep_for(every);
  }
}

}  // namespace

Visitors::Visitors(sim::Kernel& kernel, models::Ledger& ledger, const Scenario& scenario, ApiServers& api)
    : kernel_(kernel), ledger_(ledger), scenario_(scenario), api_(api) {}

Visitors::~Visitors() = default;

void Visitors::start() {
  process_ = &kernel_.add_process({.name = kVisitor});
  process_->start([this](Runtime& runtime) { return main(runtime); });
}

asio::awaitable<void> Visitors::main(Runtime& runtime) {
  hands_ = std::make_unique<Hands>(*process_, api_);
  // Waits for as long as the run lasts: its tasks are begun from outside.
  for (;;) co_await runtime.clock.sleep_for(std::chrono::hours{24});
}

void Visitors::carry_out(models::Plan plan) {
  plan.ns = kUserNamespace;
  plan.spec = specs_of(scenario_.workload).front();
  plan.finalizer_hold = scenario_.workload.finalizer;
  hands_->tasks.spawn("visitor", follow(hands_->runtime, hands_->user, ledger_, std::move(plan)));
}

void Visitors::create_more(std::uint64_t count, Duration over, bool accelerating) {
  models::Plan plan;
  const std::uint64_t batch = batches_++;
  const auto n = static_cast<std::int64_t>(count);
  for (std::int64_t i = 0; i < n; ++i) {
    // Gaps that sum to `over`: all equal, or shorter and shorter in proportion to what is left.
    const Duration gap = accelerating ? over * 2 / (n * (n + 1)) * (n - i) : over / n;
    if (i > 0 && gap > Duration{0}) plan.steps.push_back(models::PauseStep{gap, Duration{0}});
    const std::string name = fmt::format("more-{}-{}", batch, i);
    plan.steps.push_back(models::CreateStep{name, name});
  }
  carry_out(std::move(plan));
}

void Visitors::remove(const ObjectRef& notification, std::uint64_t clients) {
  models::Plan plan;
  plan.known.push_back({notification.name, token_of(notification), notification.uid});
  plan.steps.push_back(models::DeleteStep{notification.name});
  carry_out(std::move(plan));
  for (std::uint64_t i = 1; i < clients; ++i)
    hands_->tasks.spawn("visitor", remove_once(hands_->user, path_of(notification), notification.uid));
}

void Visitors::recreate(const ObjectRef& notification, Duration gap) {
  models::Plan plan;
  plan.known.push_back({notification.name, token_of(notification), notification.uid});
  plan.steps.push_back(models::DeleteStep{notification.name});
  if (gap > Duration{0}) plan.steps.push_back(models::PauseStep{gap, Duration{0}});
  plan.steps.push_back(models::CreateStep{notification.name, fmt::format("again-{}", batches_++)});
  carry_out(std::move(plan));
}

void Visitors::meddle(const ObjectRef& notification, bool with_status, faults::Meddling how,
                      std::function<bool()> over) {
  const Duration every = std::max(how.every, Duration{std::chrono::milliseconds{1}});
  for (std::uint64_t i = 0; i < how.clients; ++i) {
    Mark mark{with_status ? fmt::format("Visitor{}", i) : fmt::format("racebed.example/visitor-{}", i),
              with_status, how.bytes};
    hands_->tasks.spawn("visitor", mark_again_and_again(hands_->runtime, hands_->user, notification,
                                                        std::move(mark), every, over));
  }
}

void Visitors::remove_lease() {
  hands_->tasks.spawn("visitor", remove_lease_once(hands_->user));
}

std::string Visitors::token_of(const ObjectRef& notification) const {
  const auto* type = api_.registry().find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
  const models::JsonPtr object =
      api_.store().find(*type, models::Store::key(notification.ns, notification.name));
  if (object == nullptr) return {};
  return models::token_in(object->value(Json::json_pointer("/spec/subject"), ""));
}

}  // namespace racebed::experiments

#include "experiments/world/plan.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace racebed::experiments {
namespace {

using models::Moment;

std::vector<Moment> moments_of(const WorkloadOptions& workload) {
  if (workload.delete_moment == "before") return {Moment::before_delivery};
  if (workload.delete_moment == "during") return {Moment::during_delivery};
  if (workload.delete_moment == "after") return {Moment::after_delivery};
  return {Moment::after_delivery, Moment::before_delivery, Moment::during_delivery};
}

/// So long that every line can be told from its neighbours.
std::string long_text(std::size_t bytes) {
  std::string text;
  for (int line = 1; text.size() < bytes; ++line) text += fmt::format("line {} of a long report\n", line);
  text.resize(bytes);
  return text;
}

models::Plan create_delete_create(const WorkloadOptions& workload, std::uint64_t user) {
  models::CreateDeleteCreateOptions options;
  if (user > 0) options.name += fmt::format("-{}", user);
  options.prefix = fmt::format("cdc-{}", user);
  options.cycles = static_cast<int>(workload.cycles) - 1;  // the last incarnation stays
  options.moments = moments_of(workload);
  options.moment_base = workload.linger.min;
  options.moment_spread = workload.linger.max - workload.linger.min;
  options.gap = workload.gap.min;
  options.gap_spread = workload.gap.max - workload.gap.min;
  return models::create_delete_create(options);
}

models::Plan create_many(const WorkloadOptions& workload, std::uint64_t user) {
  models::CreateManyOptions options;
  options.count = static_cast<int>(workload.count);
  options.first = static_cast<int>(user);
  options.every = static_cast<int>(workload.users);
  options.gap = workload.spacing.min;
  options.gap_spread = workload.spacing.max - workload.spacing.min;
  options.specs = specs_of(workload);
  if (workload.kind == "create-delete") {
    options.deleted_at = moments_of(workload);
    options.linger = workload.linger.min;
    options.linger_spread = workload.linger.max - workload.linger.min;
  }
  return models::create_many(options);
}

/// The same under the same names, in another namespace; tokens of its own.
void move_to(models::Plan& plan, const std::string& ns) {
  plan.ns = ns;
  for (models::PlanStep& step : plan.steps) {
    if (auto* create = std::get_if<models::CreateStep>(&step)) create->token = ns + "-" + create->token;
    if (auto* await = std::get_if<models::AwaitStep>(&step)) await->token = ns + "-" + await->token;
  }
}

}  // namespace

std::vector<models::JsonPtr> specs_of(const WorkloadOptions& workload) {
  models::Json spec = models::notification_spec();
  if (workload.secrets) {
    spec["body"] = std::string(models::kSecretBody);
    spec["metadata"] = {{"source", "postgres://app:m3ta-racebed-31@db/alerts"}};
    spec["actionLinks"] = {{{"service", "grafana"},
                            {"url", "https://grafana.example/d/disk?token=link-racebed-42"},
                            {"label", "Dashboard"}}};
  }
  if (workload.body_bytes > 0) spec["body"] = long_text(workload.body_bytes);
  spec["retryPolicy"] = {{"maxAttempts", workload.max_attempts},
                         {"initialBackoffSeconds", workload.initial_backoff_seconds},
                         {"backoffMultiplier", 2},
                         {"maxBackoffSeconds", workload.max_backoff_seconds}};
  std::vector<models::JsonPtr> specs;
  if (!workload.alternate) {
    spec["channels"] = workload.channels;
    specs.push_back(std::make_shared<const models::Json>(std::move(spec)));
    return specs;
  }
  for (const std::string& channel : workload.channels) {
    spec["channels"] = models::Json::array({channel});
    specs.push_back(std::make_shared<const models::Json>(spec));
  }
  return specs;
}

models::Plan plan_of(const WorkloadOptions& workload, std::uint64_t user) {
  const std::uint64_t place = user / workload.users;
  user %= workload.users;
  models::Plan plan = workload.kind == "create-delete-create" ? create_delete_create(workload, user)
                                                              : create_many(workload, user);
  plan.ns = kUserNamespace;
  if (place > 0) move_to(plan, fmt::format("elsewhere-{}", place));
  plan.spec = specs_of(workload).front();
  plan.finalizer_hold = workload.finalizer;
  return plan;
}

}  // namespace racebed::experiments

#include "experiments/world/plan.hpp"

#include <nlohmann/json.hpp>

namespace racebed::experiments {

models::Plan plan_of(const WorkloadOptions& workload) {
  models::Plan plan;
  if (workload.kind == "create-delete-create") {
    models::CreateDeleteCreateOptions options;
    options.cycles = static_cast<int>(workload.cycles) - 1;  // the last incarnation stays
    if (workload.delete_moment == "before") options.moments = {models::Moment::before_delivery};
    if (workload.delete_moment == "during") options.moments = {models::Moment::during_delivery};
    if (workload.delete_moment == "after") options.moments = {models::Moment::after_delivery};
    options.gap = workload.gap.min;
    options.gap_spread = workload.gap.max - workload.gap.min;
    plan = models::create_delete_create(options);
  } else {
    models::CreateManyOptions options;
    options.count = static_cast<int>(workload.count);
    options.gap = workload.spacing.min;
    options.gap_spread = workload.spacing.max - workload.spacing.min;
    plan = models::create_many(options);
  }
  models::Json spec = models::notification_spec();
  spec["channels"] = workload.channels;
  spec["retryPolicy"] = {{"maxAttempts", workload.max_attempts},
                         {"initialBackoffSeconds", workload.initial_backoff_seconds},
                         {"backoffMultiplier", 2},
                         {"maxBackoffSeconds", workload.max_backoff_seconds}};
  plan.ns = kUserNamespace;
  plan.spec = std::make_shared<const models::Json>(std::move(spec));
  return plan;
}

}  // namespace racebed::experiments

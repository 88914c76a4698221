#include "models/users/plan.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace racebed::models {
namespace {
constexpr std::string_view kTokenMark = "[token:";
}

Json notification_spec() {
  return Json{{"type", "simple"},
              {"priority", "high"},
              {"recipients", Json::array({Json{{"slack", "#ops"}}})},
              {"subject", "Disk full"},
              {"body", "node-1 is at 97%; log in with password=hunter2-f4k3"},
              {"channels", Json::array({"slack", "console"})}};
}

std::string subject_with_token(const std::string& subject, const std::string& token) {
  return fmt::format("{} {}{}]", subject, kTokenMark, token);
}

Plan create_many(const CreateManyOptions& options) {
  Plan plan;
  for (int i = options.first; i < options.count; i += options.every) {
    const std::string name = fmt::format("{}-{}", options.prefix, i);
    if (i > options.first) plan.steps.push_back(PauseStep{options.gap, options.gap_spread});
    CreateStep create{name, name};
    if (!options.specs.empty())
      create.spec = options.specs[static_cast<std::size_t>(i) % options.specs.size()];
    plan.steps.push_back(std::move(create));
    if (options.deleted_at.empty()) continue;
    plan.steps.push_back(AwaitStep{.token = name, .among = options.deleted_at});
    plan.steps.push_back(PauseStep{options.linger, options.linger_spread});
    plan.steps.push_back(DeleteStep{name});
  }
  return plan;
}

Plan create_delete_create(const CreateDeleteCreateOptions& options) {
  Plan plan;
  for (int cycle = 0; cycle <= options.cycles; ++cycle) {
    const std::string token = fmt::format("{}-{}", options.prefix, cycle);
    plan.steps.push_back(CreateStep{options.name, token});
    if (cycle == options.cycles) break;
    plan.steps.push_back(
        AwaitStep{.token = token, .among = options.moments, .spread = options.moment_spread});
    if (options.moment_base > Duration{0}) plan.steps.push_back(PauseStep{options.moment_base, Duration{0}});
    plan.steps.push_back(DeleteStep{options.name});
    plan.steps.push_back(PauseStep{options.gap, options.gap_spread});
  }
  return plan;
}

}  // namespace racebed::models

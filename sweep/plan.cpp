#include "sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/invariants/invariant.hpp"
#include "experiments/subjects/subject.hpp"
#include "sweep/studies.hpp"

namespace racebed::sweep {
namespace {

using experiments::InputError;
using experiments::Scenario;
using experiments::Setting;

constexpr const char* kCanaryScenario = "create-delete-create";
constexpr const char* kCanarySubject = "notification-2025-11";
constexpr std::uint64_t kCanarySeeds = 10;

/// Every combination of the axes' values.
std::vector<std::vector<Setting>> combinations(const std::vector<Axis>& grid) {
  std::vector<std::vector<Setting>> all{{}};
  for (const auto& [path, values] : grid) {
    std::vector<std::vector<Setting>> more;
    for (const std::vector<Setting>& before : all) {
      for (const std::string& value : values) {
        more.push_back(before);
        more.back().emplace_back(path, value);
      }
    }
    all = std::move(more);
  }
  return all;
}

PlannedCell planned(const std::string& name, std::vector<Setting> settings, const std::string& subject) {
  const Scenario scenario = experiments::load_scenario(name, settings);
  for (const experiments::InvariantOptions& invariant : scenario.invariants) {
    if (experiments::find_invariant(invariant.id) == nullptr)
      throw InputError(fmt::format("{}: invariants: unknown id \"{}\", see racebed list --invariants", name,
                                   invariant.id));
  }
  PlannedCell planned;
  planned.scenario = name;
  evidence::Cell& cell = planned.cell;
  cell.scenario = scenario.name;
  cell.subject = subject.empty() ? scenario.subject.name : subject;
  if (experiments::find_subject(cell.subject) == nullptr)
    throw InputError(fmt::format("unknown subject \"{}\", see racebed list", cell.subject));
  cell.settings = settings_text(settings);
  cell.title = scenario.title;
  cell.risk = scenario.risk;
  cell.likelihood = scenario.likelihood;
  cell.impact = scenario.impact;
  cell.level = scenario.level;
  cell.source = scenario.source;
  if (scenario.moment.is_set()) cell.moment = scenario.moment.what;
  planned.settings = std::move(settings);
  return planned;
}

/// Seeds are dealt out in turn, so that each shard has some of every cell.
std::vector<std::uint64_t> dealt(Seeds seeds, std::uint64_t offset, const PlanOptions& options) {
  std::vector<std::uint64_t> mine;
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    if ((seed - seeds.first + offset) % options.shards == options.shard) mine.push_back(seed);
  }
  return mine;
}

}  // namespace

std::string settings_text(const std::vector<Setting>& settings) {
  std::string text;
  for (const auto& [path, value] : settings) {
    const bool plain = value.find_first_of(" \"'{}[]$`\\") == std::string::npos;
    text += plain ? fmt::format(" --set {}={}", path, value) : fmt::format(" --set '{}={}'", path, value);
  }
  return text;
}

std::vector<PlannedCell> make_plan(const PlanOptions& options) {
  std::vector<PlannedCell> plan;
  std::vector<std::string> subjects = options.subjects;
  if (subjects.empty()) subjects.emplace_back();
  const auto add = [&](const Study& cells, Seeds seeds) {
    for (const std::string& scenario : cells.scenarios) {
      for (std::size_t i = 0; i < cells.subjects.size(); ++i) {
        for (const std::vector<Setting>& point : combinations(cells.grid)) {
          std::vector<Setting> settings = cells.settings;
          settings.insert(settings.end(), point.begin(), point.end());
          PlannedCell cell = planned(scenario, std::move(settings), cells.subjects[i]);
          cell.cell.is_exhibit = !cells.name.empty() && i > 0;
          cell.seeds = dealt(seeds, plan.size(), options);
          plan.push_back(std::move(cell));
        }
      }
    }
  };
  const auto at_most = [&](std::uint64_t n) {
    return Seeds{options.seeds.first,
                 options.seeds.first + std::min(options.seeds.end - options.seeds.first, n)};
  };
  add({"", "", options.scenarios, subjects, options.settings, options.grid, 0}, options.seeds);
  for (const std::string& name : options.studies) {
    const Study& study = study_named(name);
    add(study, at_most(study.seeds_max));
  }
  PlannedCell canary = planned(kCanaryScenario, {}, kCanarySubject);
  canary.cell.is_canary = true;
  canary.seeds = dealt(at_most(kCanarySeeds), 0, options);
  plan.push_back(std::move(canary));
  return plan;
}

}  // namespace racebed::sweep

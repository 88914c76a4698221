#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/verdicts.hpp"
#include "experiments/invariants/invariant.hpp"
#include "experiments/subjects/subject.hpp"
#include "faults/catalogue/catalogue.hpp"

namespace racebed::cli {
namespace {

using Json = nlohmann::json;

std::string in_units(const faults::ParameterInfo& parameter, std::int64_t value) {
  switch (parameter.kind) {
    case faults::ParameterInfo::Kind::integer:
      return fmt::format("{}", value);
    case faults::ParameterInfo::Kind::duration:
      return experiments::duration_text(Duration{value});
    case faults::ParameterInfo::Kind::word:
      break;
  }
  return std::string(parameter.words[static_cast<std::size_t>(value)]);
}

std::string parameter_default(const faults::ParameterInfo& parameter) {
  return in_units(parameter, parameter.otherwise);
}

std::string parameter_range(const faults::ParameterInfo& parameter) {
  if (parameter.kind == faults::ParameterInfo::Kind::word)
    return fmt::format("{}", fmt::join(parameter.words, " | "));
  return fmt::format("{} to {}", in_units(parameter, parameter.min), in_units(parameter, parameter.max));
}

void list_faults() {
  std::string_view family;
  for (const faults::FaultInfo& info : faults::catalogue()) {
    if (info.family != family) fmt::print("{}{}\n", family.empty() ? "" : "\n", info.family);
    family = info.family;
    fmt::print("{}",
               wrapped(fmt::format("{}{}: {}", info.id, info.lasts ? "" : " (once)", info.stands_for), 2));
    for (const faults::ParameterInfo& parameter : info.parameters)
      fmt::print("{}", wrapped(fmt::format("{}: {}; {}; {}", parameter.name, parameter_range(parameter),
                                           parameter_default(parameter), parameter.meaning),
                               6));
  }
}

void list_json() {
  Json scenarios = Json::array();
  for (const std::string& name : experiments::scenario_names()) {
    const experiments::Scenario s = experiments::load_scenario(name);
    scenarios.push_back({{"name", name},
                         {"title", s.title},
                         {"risk", s.risk},
                         {"likelihood", s.likelihood},
                         {"impact", s.impact},
                         {"level", s.level},
                         {"source", s.source},
                         {"moment", s.moment.what}});
  }
  Json subjects = Json::array();
  for (const experiments::Subject* subject : experiments::subjects()) {
    subjects.push_back({{"name", subject->name()}, {"description", subject->description()}});
  }
  Json invariants = Json::array();
  for (const experiments::InvariantInfo& info : experiments::invariants()) {
    invariants.push_back({{"id", info.id},
                          {"sentence", info.sentence},
                          {"evidence", info.evidence},
                          {"within", experiments::duration_text(info.within)}});
  }
  Json all_faults = Json::array();
  for (const faults::FaultInfo& info : faults::catalogue()) {
    Json parameters = Json::array();
    for (const faults::ParameterInfo& parameter : info.parameters)
      parameters.push_back({{"name", parameter.name},
                            {"values", parameter_range(parameter)},
                            {"default", parameter_default(parameter)},
                            {"meaning", parameter.meaning}});
    all_faults.push_back({{"id", info.id},
                          {"family", info.family},
                          {"place", to_text(info.place)},
                          {"lasts", info.lasts},
                          {"stands_for", info.stands_for},
                          {"parameters", std::move(parameters)}});
  }
  fmt::print("{}\n", Json{{"faults", std::move(all_faults)},
                          {"scenarios", std::move(scenarios)},
                          {"subjects", std::move(subjects)},
                          {"invariants", std::move(invariants)}}
                         .dump(2));
}

void list_invariants() {
  for (const experiments::InvariantInfo& info : experiments::invariants()) {
    fmt::print(
        "{}{}\n{}{}", info.id,
        info.within > Duration{0} ? fmt::format(" (within {})", experiments::duration_text(info.within)) : "",
        wrapped(info.sentence), wrapped(fmt::format("evidence: {}", info.evidence)));
  }
}

}  // namespace

int list(const ListOptions& options) {
  if (options.schema) {
    fmt::print("{}\n", experiments::scenario_schema().dump(2));
  } else if (options.reference) {
    fmt::print("{}", experiments::scenario_reference());
  } else if (options.json) {
    list_json();
  } else if (options.invariants) {
    list_invariants();
  } else if (options.faults) {
    list_faults();
  } else {
    fmt::print("scenarios\n");
    for (const std::string& name : experiments::scenario_names()) {
      const experiments::Scenario s = experiments::load_scenario(name);
      constexpr std::size_t kTexts = 42;  // the column of titles and sources
      const std::string title = wrapped(s.title, kTexts);
      fmt::print("  {:<32}{:<8}{}{}", name, s.level, title.substr(kTexts), wrapped(s.source, kTexts));
    }
    fmt::print("\nsubjects\n");
    for (const experiments::Subject* subject : experiments::subjects())
      fmt::print("  {:<22} {}\n", subject->name(), subject->description());
    fmt::print(
        "\nracebed list --invariants shows what is checked, racebed list --faults what can go wrong.\n");
  }
  return kHolds;
}

}  // namespace racebed::cli

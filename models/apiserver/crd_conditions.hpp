// The conditions of a CustomResourceDefinition. Private to models/apiserver/crd*.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "models/ledger/fact.hpp"

namespace racebed::models {

inline constexpr const char* kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

struct DefinitionCondition {
  std::string type{};
  bool status = false;
  std::string reason{};
  std::string message{};
};

/// Puts it in the place of the one of its type; the time is that of the last change of `status`.
inline void set_condition(Json& definition, const DefinitionCondition& condition, const std::string& now) {
  Json& status = definition["status"];
  if (!status.is_object()) status = Json::object();
  Json& all = status["conditions"];
  if (!all.is_array()) all = Json::array();
  Json made{{"type", condition.type},
            {"status", condition.status ? "True" : "False"},
            {"reason", condition.reason},
            {"message", condition.message},
            {"lastTransitionTime", now}};
  for (Json& known : all) {
    if (!known.is_object() || known.value("type", Json()) != condition.type) continue;
    if (known.value("status", Json()) == made["status"] && known.contains("lastTransitionTime"))
      made["lastTransitionTime"] = known["lastTransitionTime"];
    known = std::move(made);
    return;
  }
  all.push_back(std::move(made));
}

/// The condition's reason when it is True, or "".
inline std::string true_reason(const Json& definition, std::string_view type) {
  const auto status = definition.find("status");
  if (status == definition.end() || !status->is_object()) return {};
  const auto all = status->find("conditions");
  if (all == status->end() || !all->is_array()) return {};
  for (const Json& condition : *all) {
    if (!condition.is_object() || condition.value("type", Json()) != type) continue;
    const Json reason = condition.value("reason", Json());
    if (condition.value("status", Json()) == "True")
      return reason.is_string() ? reason.get<std::string>() : "?";
  }
  return {};
}

}  // namespace racebed::models

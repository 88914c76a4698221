// What the writes share. Private to models/apiserver.
#pragma once

#include "models/apiserver/status.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"

namespace racebed::models {

inline bool is_terminating(const Json& object) {
  return !metadata_text(object, "deletionTimestamp").empty();
}

/// A namespace stays until its spec has no finalizers either (the namespace controller takes them away).
inline bool is_held(const ResourceType& type, const Json& object) {
  if (type.plural != "namespaces" || !type.group.empty()) return false;
  const auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return false;
  const auto finalizers = spec->find("finalizers");
  return finalizers != spec->end() && finalizers->is_array() && !finalizers->empty();
}

inline bool dry_run(const Target& target) {
  return target.parameter("dryRun") == "All";
}

inline ApiHttpResponse answer(Result<JsonPtr, Refusal> outcome, int status = 200) {
  if (!outcome) return outcome.error().response();
  return {.status = status, .body = *outcome};
}

}  // namespace racebed::models

// What the writes share. Private to models/apiserver.
#pragma once

#include "models/apiserver/status.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"

namespace racebed::models {

inline bool is_terminating(const Json& object) {
  return !metadata_text(object, "deletionTimestamp").empty();
}

inline bool dry_run(const Target& target) {
  return target.parameter("dryRun") == "All";
}

inline ApiHttpResponse answer(Result<JsonPtr, Refusal> outcome, int status = 200) {
  if (!outcome) return outcome.error().response();
  return {.status = status, .body = *outcome};
}

}  // namespace racebed::models

// Faults that a person or a script sets while a fake world serves real clients: one JSON document says how
// Slack and the API server misbehave from now on. Answers the same questions of the models that a scenario's
// faults answer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "models/apiserver/front_end_policy.hpp"
#include "models/slack/slack_policy.hpp"

namespace racebed::faults {

/// The document (all members optional; what is absent is calm; `count` bounds how often, absent: always):
///   {"slack": {"certificate": "expired",               any of models::kChainKinds
///              "outcome": "answer" | "refuse" | "accept-then-lose" | "drop",
///              "status": 503, "retryAfterSeconds": 2,  of a refusal
///              "body": "whole" | "malformed" | "cut" | "stalled",
///              "delayMs": 250, "count": 3},
///    "api":   {"outcome": "serve" | "refuse" | "commit-then-lose" | "lose-before-commit",
///              "status": 429, "retryAfterSeconds": 1, "delayMs": 0, "watchLagMs": 100, "count": 3,
///              "methods": ["PUT"], "resources": ["leases"]}}      which requests; absent: all
class AdjustableFaults {
 public:
  AdjustableFaults();
  ~AdjustableFaults();

  /// Replaces what was set. Nothing on success; else one line: where in the document, what was found, what
  /// was expected, and nothing has changed.
  std::string set(const nlohmann::json& document);
  nlohmann::json current() const;

  models::SlackPolicy& slack();
  models::FrontEndPolicy& api();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::faults

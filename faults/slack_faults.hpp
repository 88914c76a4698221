// Faults of Slack's endpoint: answers its questions.
#pragma once

#include "faults/active.hpp"
#include "models/slack/slack_policy.hpp"

namespace racebed::faults {

class SlackFaults final : public models::SlackPolicy {
 public:
  /// `calm`: the chain that is presented while no fault says otherwise.
  SlackFaults(sim::Choices& choices, models::ChainKind calm) : choices_(choices), calm_(calm) {}
  void begin(ActivePtr fault);

  models::TlsVerdict tls(std::uint64_t connection) override;
  models::SlackVerdict post(std::uint64_t connection) override;
  models::SlackVerdict history(std::uint64_t connection) override;
  models::ReuseVerdict reuse(std::uint64_t connection) override;

 private:
  sim::Choices& choices_;
  models::ChainKind calm_;
  ActiveSet tls_;
  ActiveSet http_;
};

}  // namespace racebed::faults

// Slack beside a fake cluster: the model's webhook over plain HTTP, its verdicts taken from the stage.
#pragma once

#include <optional>

#include "models/ledger/ledger.hpp"
#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "tests/subjects/fake_cluster.hpp"

namespace racebed::experiments::tests {

class FakeSlack {
 public:
  static constexpr const char* kUrl = "http://hooks.slack.example:443/services/T0RACE/B0RACE/f4k3s3cr3t";
  /// Starts it. Everything outlives it.
  FakeSlack(sim::Kernel& kernel, sim::Choices& choices, Stage& stage);
  FakeSlack(const FakeSlack&) = delete;
  FakeSlack& operator=(const FakeSlack&) = delete;
  /// Stops it, and counts what it has accepted.
  void close();

 private:
  struct Policy final : models::SlackPolicy {
    explicit Policy(Stage& s) : stage(s) {}
    models::SlackVerdict post(std::uint64_t) override;
    Stage& stage;
  };
  asio::awaitable<void> run(Runtime& runtime);

  sim::Kernel& kernel_;
  Stage& stage_;
  sim::CalmLinks links_;
  sim::SimFabric fabric_;
  Policy policy_;
  models::Ledger ledger_;
  models::Workspace workspace_{{}};
  std::optional<models::Slack> slack_;
  sim::Process* process_ = nullptr;
};

}  // namespace racebed::experiments::tests

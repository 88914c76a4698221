#include "tests/subjects/fake_slack.hpp"

namespace racebed::experiments::tests {

FakeSlack::FakeSlack(sim::Kernel& kernel, sim::Choices& choices, Stage& stage)
    : kernel_(kernel),
      stage_(stage),
      links_(choices, {}),
      fabric_(kernel, links_),
      policy_(stage),
      ledger_([&kernel] { return kernel.now(); }) {
  kernel.set_fabric(&fabric_);
  fabric_.add_name("hooks.slack.example", "slack");
  process_ = &kernel.add_process({.name = "slack"});
  process_->start([this](Runtime& runtime) { return run(runtime); });
}

models::SlackVerdict FakeSlack::Policy::post(std::uint64_t) {
  stage.slack_posts.push_back(stage.cluster.since_begin());
  if (stage.slack_verdicts.empty()) return {};
  models::SlackVerdict verdict = stage.slack_verdicts.front();
  stage.slack_verdicts.pop_front();
  return verdict;
}

asio::awaitable<void> FakeSlack::run(Runtime& runtime) {
  models::SlackOptions options;
  options.tls = false;
  slack_.emplace(runtime, workspace_, nullptr, policy_, ledger_, models::Actor{"slack", 1}, options);
  (void)slack_->listen();
  co_await slack_->run();
}

void FakeSlack::close() {
  process_->kill();
  slack_.reset();
  stage_.slack_accepted = workspace_.messages();
  kernel_.set_fabric(nullptr);
}

}  // namespace racebed::experiments::tests

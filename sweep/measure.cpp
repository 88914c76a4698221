#include "sweep/measure.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "evidence/statistics/interval.hpp"
#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/metrics_page.hpp"
#include "experiments/invariants/status_view.hpp"
#include "faults/leader.hpp"

namespace racebed::sweep {
namespace {

using evidence::Run;
using models::Fact;

std::int64_t microseconds(Duration duration) {
  return duration / std::chrono::microseconds{1};
}

/// What the facts add up to.
class Measures {
 public:
  void take(const Fact& fact) {
    if (const auto* created = std::get_if<models::UserCreated>(&fact.what)) {
      created_[created->token] = fact.time;
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      deliver(*delivered, fact.time);
    } else if (std::holds_alternative<models::Requested>(fact.what)) {
      ++requests_;
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      ++connections_;
      tls_refused_ += !opened->tls.empty() && opened->tls != "ok";
    } else if (const std::string* holder = faults::lease_holder_of(fact)) {
      held_by(holder->substr(0, holder->find('_')), fact.time);
    } else if (const auto* event = std::get_if<models::ProcessEvent>(&fact.what)) {
      end(*event, fact);
    } else if (const auto* claim = std::get_if<models::Claimed>(&fact.what)) {
      if (claim->kind == "metrics") scrape(fact.actor.process, claim->content->value("page", ""));
    }
  }

  void write(Run& run) {
    run.measures["created"] = static_cast<std::int64_t>(created_.size());
    run.measures["delivered"] = delivered_;
    run.measures["duplicates"] = duplicates_;
    run.measures["slack_requests"] = requests_;
    run.measures["connections"] = connections_;
    run.measures["tls_refused"] = tls_refused_;
    run.measures["breaker_opened"] = breaker_opened_;
    if (failover_) run.measures["failover_us"] = microseconds(*failover_);
    if (first_message_ && first_kill_) run.measures["kill_us"] = microseconds(*first_kill_ - *first_message_);
    if (latencies_.empty()) return;
    std::sort(latencies_.begin(), latencies_.end());
    for (const int p : {50, 95, 99})
      run.measures["latency_p" + std::to_string(p) + "_us"] = evidence::percentile(latencies_, p).value;
    run.measures["latency_max_us"] = latencies_.back();
    run.samples["latency_us"] = std::move(latencies_);
  }

 private:
  void deliver(const models::Delivered& delivered, Time time) {
    ++delivered_;
    if (!first_message_ && delivered.channel == "slack") first_message_ = time;
    duplicates_ += ++taken_[{delivered.channel, delivered.token}] > 1;
    const auto created = created_.find(delivered.token);
    if (created != created_.end()) latencies_.push_back(microseconds(time - created->second));
  }

  void end(const models::ProcessEvent& event, const Fact& fact) {
    using What = models::ProcessEvent::What;
    const bool ends = event.what == What::killed || event.what == What::power_lost ||
                      event.what == What::crashed || event.what == What::paused;
    if (!ends) return;
    if (!first_kill_ && event.what != What::paused) first_kill_ = fact.time;
    if (!leader_.empty() && fact.actor.process == leader_ && !without_) without_ = fact.time;
  }

  void held_by(const std::string& process, Time time) {
    if (process.empty()) return;
    if (without_ && process != leader_) {
      failover_ = std::max(failover_.value_or(Duration{0}), time - *without_);
      without_.reset();
    }
    leader_ = process;
  }

  void scrape(const std::string& process, const std::string& page) {
    constexpr std::int64_t kOpen = 2;
    const experiments::MetricsPage shown(page);
    for (const auto& sample : shown.samples_ending("circuit_breaker_state")) {
      std::int64_t& state = breakers_[{process, sample.labels}];
      breaker_opened_ += sample.value == kOpen && state != kOpen;
      state = sample.value;
    }
  }

  std::map<std::string, Time> created_;                                // by token
  std::map<std::pair<std::string, std::string>, std::int64_t> taken_;  // by channel and token
  std::map<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>, std::int64_t> breakers_;
  std::vector<std::int64_t> latencies_;
  std::int64_t delivered_ = 0;
  std::int64_t duplicates_ = 0;
  std::int64_t requests_ = 0;
  std::int64_t connections_ = 0;
  std::int64_t tls_refused_ = 0;
  std::int64_t breaker_opened_ = 0;
  std::string leader_;
  std::optional<Time> without_;  // since when the leader is gone
  std::optional<Duration> failover_;
  std::optional<Time> first_message_;
  std::optional<Time> first_kill_;
};

/// How the notifications stand at the end.
void standing(const experiments::FinalState& state, Run& run) {
  static const std::map<std::string, const char*> kNames = {
      {"Sent", "phase_sent"}, {"PartiallySent", "phase_partially_sent"}, {"Failed", "phase_failed"}};
  for (const char* name : {"phase_sent", "phase_partially_sent", "phase_failed", "phase_other", "attempts"})
    run.measures[name] = 0;
  for (const models::JsonPtr& object : state.notifications) {
    const experiments::StatusView status(*object);
    const auto name = kNames.find(status.phase);
    ++run.measures[name == kNames.end() ? "phase_other" : name->second];
    run.measures["attempts"] += static_cast<std::int64_t>(status.attempts.size());
  }
}

void peaks(const experiments::FinalState& state, Run& run) {
  sim::Accounts most;
  std::int64_t tasks_growth = 0;
  std::int64_t bytes_growth = 0;
  for (const experiments::ProcessAccount& account : state.processes) {
    if (!account.process.starts_with("controller")) continue;
    most.tasks.peak = std::max(most.tasks.peak, account.accounts.tasks.peak);
    most.sockets.peak = std::max(most.sockets.peak, account.accounts.sockets.peak);
    most.bytes.peak = std::max(most.bytes.peak, account.accounts.bytes.peak);
    tasks_growth = std::max(tasks_growth, account.accounts.tasks.now - account.accounts.tasks.initial);
    bytes_growth = std::max(bytes_growth, account.accounts.bytes.now - account.accounts.bytes.initial);
  }
  run.measures["tasks_peak"] = most.tasks.peak;
  run.measures["sockets_peak"] = most.sockets.peak;
  run.measures["bytes_peak"] = most.bytes.peak;
  run.measures["tasks_growth"] = tasks_growth;
  run.measures["bytes_growth"] = bytes_growth;
}

evidence::Outcome outcome_of(const experiments::Verdict& verdict) {
  switch (verdict.outcome) {
    case experiments::Outcome::held:
      return evidence::Outcome::held;
    case experiments::Outcome::allowed:
      return evidence::Outcome::allowed;
    case experiments::Outcome::violated:
      return evidence::Outcome::violated;
    case experiments::Outcome::not_reached:
      break;
  }
  return evidence::Outcome::not_reached;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

bool has_digit(const std::string& word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<evidence::InvariantName> invariant_names() {
  std::vector<evidence::InvariantName> names;
  for (const experiments::InvariantInfo& info : experiments::invariants())
    names.push_back({std::string(info.id), std::string(info.sentence)});
  return names;
}

std::string kind_of(const std::string& what) {
  std::string kind;
  std::string word;
  const auto end_word = [&] {
    kind += has_digit(word) ? "#" : word;
    word.clear();
  };
  for (const char c : what) {
    if (is_word(c) || (c == '.' && has_digit(word))) {
      word += c;
      continue;
    }
    end_word();
    kind += c;
  }
  end_word();
  return kind;
}

Run measured(const experiments::RunResult& run) {
  Run row;
  row.seed = run.seed;
  if (run.leak) row.broken = "nondeterminism: " + run.leak->what + " was used at " + run.leak->where;
  if (run.stop == sim::StopReason::step_limit) row.broken = "the run did not end";
  row.hash = run.hash.total().text();
  row.steps = run.steps;
  row.virtual_us = microseconds(run.final_state.end - run.final_state.begin);
  row.moments = run.final_state.moments;
  const std::vector<evidence::InvariantName> names = invariant_names();
  row.outcomes.assign(names.size(), evidence::Outcome::not_reached);
  for (const experiments::Verdict& verdict : run.verdicts) {
    const std::string id(verdict.invariant->id);
    const auto place =
        std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.id == id; });
    row.outcomes[static_cast<std::size_t>(place - names.begin())] = outcome_of(verdict);
    if (verdict.outcome != experiments::Outcome::violated) continue;
    const std::string& what = verdict.violations.front().what;
    row.violations.push_back({id, what, kind_of(what), verdict.violations.size()});
  }
  Measures measures;
  for (const Fact& fact : run.facts) measures.take(fact);
  measures.write(row);
  standing(run.final_state, row);
  peaks(run.final_state, row);
  return row;
}

}  // namespace racebed::sweep

#include "tests/faults/behaviour/account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/status_view.hpp"
#include "models/sinks/token.hpp"

namespace racebed::tests {
namespace {

using experiments::AttemptView;
using experiments::StatusView;
using models::Fact;
using models::ProcessEvent;
using std::chrono::seconds;

/// In steps that no small change of the core crosses.
std::string step_of(Duration took) {
  if (took < seconds{1}) return "less than 1 s";
  if (took < seconds{4}) return "1 to 4 s";
  if (took < seconds{15}) return "4 to 15 s";
  if (took < seconds{60}) return "15 to 60 s";
  return "more than a minute";
}

std::string kind_of(const std::string& process) {
  const std::size_t dash = process.rfind('-');
  return dash == std::string::npos ? process : process.substr(0, dash);
}

const char* text_of(ProcessEvent::What what) {
  constexpr std::array<const char*, 7> kTexts = {"started", "killed", "power lost", "paused",
                                                 "resumed", "exited", "crashed"};
  return kTexts[static_cast<std::size_t>(what)];
}

constexpr std::uint64_t kManySteps = 10'000;

/// "tls-expired: the certificate ..." is of the class tls-expired.
std::string class_of(const AttemptView& attempt) {
  if (attempt.error.empty()) return attempt.status;
  return attempt.error.substr(0, attempt.error.find(':'));
}

}  // namespace

Account::Account(const experiments::RunResult& run, const std::vector<std::string>& log) {
  for (const Fact& fact : run.facts) {
    of_slack(fact);
    of_objects(fact);
    of_life(fact);
    of_status(fact);
    of_audit(fact);
  }
  if (!run.final_state.workload_done) note("users: could not do what they wanted");
  for (const std::string& line : log) of_log(line);
  note(run.steps >= kManySteps ? "steps: many more than usual" : "steps: as many as usual");
  note(connections_ > 2 ? "connections: more than two" : "connections: one or two");
  for (const auto& [what, took] : longest_) note(what + ": " + step_of(took));
  std::sort(lines_.begin(), lines_.end());
}

bool Account::has(const std::string& text) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

void Account::note(const std::string& line) {
  if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
}

void Account::longest(const std::string& what, Duration took) {
  Duration& most = longest_[what];
  most = std::max(most, took);
}

void Account::of_slack(const Fact& fact) {
  if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
    ++connections_;
    const std::string presented = opened->certificate.empty() ? "nothing" : opened->certificate;
    note(fmt::format("handshakes: {} presented, {}", presented, opened->tls));
  } else if (const auto* asked = std::get_if<models::Requested>(&fact.what)) {
    asked_[asked->token] = fact.time;
  } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
    note(answered->status == 0 ? "answers: none" : fmt::format("answers: {}", answered->status));
    if (answered->retry_after) note("answers: with Retry-After");
    if (const auto asked = asked_.find(answered->token); asked != asked_.end())
      longest("times: Slack's answer", fact.time - asked->second);
  } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
    if (const auto created = created_.find(delivered->token); created != created_.end())
      longest("times: from creation to " + delivered->channel, fact.time - created->second);
    if (delivered->channel == "slack") taken_.emplace(delivered->token, fact.time);
  }
}

void Account::of_objects(const Fact& fact) {
  if (const auto* created = std::get_if<models::UserCreated>(&fact.what)) {
    created_[created->token] = fact.time;
    if (kind_of(fact.actor.process) != "user") note("users: others create notifications");
  } else if (const auto* refused = std::get_if<models::Refused>(&fact.what)) {
    note(fmt::format("api: {} {} {}", refused->verb, refused->status, refused->reason));
  } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
    const std::string who = kind_of(fact.actor.process);
    if (who == "controller" || who == "apiserver" || who == "user") return;
    using Operation = models::Committed::Operation;
    const char* what = commit->operation == Operation::status   ? "statuses"
                       : commit->operation == Operation::update ? "objects"
                                                                : "";
    if (commit->after == nullptr) note("users: others delete " + commit->object.resource);
    if (*what != '\0') note(fmt::format("users: others write {}", what));
  }
}

void Account::of_life(const Fact& fact) {
  if (const auto* event = std::get_if<ProcessEvent>(&fact.what)) {
    const bool again = event->what == ProcessEvent::What::started && fact.actor.incarnation > 1;
    if (event->what == ProcessEvent::What::started && !again) return;
    note(fmt::format("processes: {} {}{}", kind_of(fact.actor.process), text_of(event->what),
                     again ? " again" : ""));
  }
}

void Account::of_status(const Fact& fact) {
  const models::Committed* commit = experiments::controller_status(fact);
  if (commit == nullptr) return;
  const StatusView status(*commit->after);
  if (status.is_terminal()) note("phases: " + status.phase);
  if (status.is_terminal()) ended_.emplace(commit->object.uid, fact.time);
  const std::string token = models::token_in(commit->after->at("spec").value("subject", ""));
  if (const auto taken = taken_.find(token); taken != taken_.end() && status.delivered().contains("slack")) {
    longest("times: from Slack's acceptance to its record", fact.time - taken->second);
    taken_.erase(taken);
  }
  for (const AttemptView& attempt : status.attempts) {
    if (attempt.channel == "slack" && !attempt.is_pending()) note("attempts: " + class_of(attempt));
    if (attempt.channel != "slack" && attempt.is_failure())
      note(fmt::format("attempts on {}: {}", attempt.channel, attempt.error));
  }
  if (status.attempts.empty() || commit->before == nullptr) return;
  const AttemptView& last = status.attempts.back();
  const auto written = parse_rfc3339(last.timestamp);
  const bool is_new = StatusView(*commit->before).attempts.size() < status.attempts.size();
  if (!written || !is_new) return;
  if (*written > fact.time + seconds{2}) note("clocks: a controller's is ahead");
  if (*written < fact.time - seconds{20}) note("clocks: a controller's is behind");
}

void Account::of_audit(const Fact& fact) {
  const auto* claim = std::get_if<models::Claimed>(&fact.what);
  if (claim == nullptr || claim->kind != "audit") return;
  const bool again = !audited_.insert(claim->content->value("key", "")).second;
  if (again) note("audit: a record again");
  const auto ended = ended_.find(claim->content->value("uid", ""));
  if (ended != ended_.end()) longest("times: from the end to an audit record", fact.time - ended->second);
}

/// "TIME LEVEL LOGGER: MESSAGE field=value ...": warnings, and what is said of watches.
void Account::of_log(const std::string& line) {
  const std::size_t message = line.find(": ");
  if (message == std::string::npos) return;
  std::string text = line.substr(message + 2);
  const bool of_watch = text.starts_with("watch ");
  const bool warns = line.find(" warning ") < message || line.find(" error ") < message;
  if (!of_watch && !warns) return;
  std::string why;
  for (const char* field : {" code=", " error="}) {
    const std::size_t at = text.find(field);
    if (at == std::string::npos) continue;
    const std::size_t from = at + std::string_view(field).size();
    const bool quoted = from < text.size() && text[from] == '"';
    why = quoted ? text.substr(from + 1, text.find('"', from + 1) - from - 1)
                 : text.substr(from, text.find(' ', from) - from);
    break;
  }
  text.erase(std::min(text.find('='), text.size()));
  if (const std::size_t space = text.rfind(' '); space != std::string::npos && !why.empty())
    text.erase(space);
  if (text.starts_with("delivery failed") || text.starts_with("circuit breaker")) return;  // see attempts
  note("log: " + text + (why.empty() ? "" : ": " + why));
}

}  // namespace racebed::tests

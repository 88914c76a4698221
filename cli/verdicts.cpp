#include "cli/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/run/explain.hpp"

namespace racebed::cli {
namespace {

using experiments::Outcome;
using experiments::RunResult;
using experiments::Verdict;
using Json = nlohmann::json;

std::string painted(std::string text, Outcome outcome, bool colour) {
  if (!colour) return text;
  const char* code = outcome == Outcome::violated  ? "31"
                     : outcome == Outcome::held    ? "32"
                     : outcome == Outcome::allowed ? "33"
                                                   : "2";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

/// Cuts at the column limit, so that nothing wraps on a terminal of that width.
std::string fitted(std::string text, std::size_t columns = 100) {
  if (text.size() > columns) text = text.substr(0, columns - 3) + "...";
  return text;
}

std::size_t faults_fired(const RunResult& run) {
  return static_cast<std::size_t>(std::count_if(
      run.facts.begin(), run.facts.end(),
      [](const models::Fact& fact) { return std::holds_alternative<models::FaultFired>(fact.what); }));
}

std::string headline(const RunResult& run) {
  std::size_t violated = 0;
  for (const Verdict& verdict : run.verdicts) violated += verdict.outcome == Outcome::violated;
  if (violated > 0) return fmt::format("{} of {} invariants violated", violated, run.verdicts.size());
  if (run.allowed()) return "all invariants hold, but for what the declared guarantee allows";
  return "all invariants hold";
}

/// What the reader must know before the verdicts: faults that never struck, a run that was cut off.
std::string caveats(const experiments::Scenario& scenario, const RunResult& run) {
  std::string text;
  const std::size_t fired = faults_fired(run);
  if (!scenario.faults.empty()) {
    text += fmt::format("  {} of {} fault{} fired\n", std::min(fired, scenario.faults.size()),
                        scenario.faults.size(), scenario.faults.size() == 1 ? "" : "s");
  }
  if (scenario.moment.is_set()) {
    const std::uint64_t moments = run.final_state.moments;
    text += moments > 0
                ? fmt::format("  reached the moment: {}\n", scenario.moment.what)
                : fmt::format("  did not reach the moment, so it proves nothing: {}\n", scenario.moment.what);
  }
  if (!run.final_state.workload_done)
    text += "  the workload was not done when the run ended: raise world.time_limit\n";
  return text;
}

std::string story(const RunResult& run, const experiments::Violation& violation) {
  std::string text;
  for (const std::string& line : experiments::cause_chain(run, violation))
    text += fitted("    " + line) + "\n";
  return text;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kColumns = 100;
  const std::string margin(indent, ' ');
  std::string out;
  std::size_t used = kColumns;  // of the current line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (used + 1 + end > kColumns) {
      out.append((out.empty() ? "" : "\n") + margin);
      used = indent;
    } else {
      out.push_back(' ');
      ++used;
    }
    out.append(text.substr(0, end));
    used += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.push_back('\n');
  return out;
}

std::string replay_command(const std::string& scenario, const std::string& subject,
                           const std::string& settings, std::uint64_t seed) {
  return fmt::format("scripts/racebed run {} --subject {}{} --seed {}", scenario, subject, settings, seed);
}

std::string verdict_text(const experiments::Scenario& scenario, const experiments::Subject& subject,
                         const RunResult& run, const std::string& command, bool colour) {
  std::string text = fmt::format("{}, subject {}, {}: {}\n", scenario.name, subject.name(),
                                 run.live ? "live" : fmt::format("seed {}", run.seed), headline(run));
  if (!scenario.title.empty()) text += fitted("  " + scenario.title) + "\n";
  text += fmt::format("  {:.3f} s of {} time, {} facts{}\n",
                      static_cast<double>((run.final_state.end - run.final_state.begin).count()) / 1e9,
                      run.live ? "real" : "virtual", run.facts.size(),
                      run.live ? "" : ", hash " + run.hash.total().text());
  text += caveats(scenario, run) + "\n";
  for (const Verdict& verdict : run.verdicts) {
    const std::string count = verdict.reached == 0 ? ""
                                                   : fmt::format("reached {} time{}", verdict.reached,
                                                                 verdict.reached == 1 ? "" : "s");
    text +=
        fmt::format("  {:<30} {}  {}\n", verdict.invariant->id,
                    painted(fmt::format("{:<11}", to_text(verdict.outcome)), verdict.outcome, colour), count);
  }
  for (const Verdict& verdict : run.verdicts) {
    if (verdict.outcome != Outcome::violated && verdict.outcome != Outcome::allowed) continue;
    const experiments::Violation& first = verdict.violations.front();
    text += fmt::format(
        "\n{} {}:\n",
        painted(verdict.outcome == Outcome::violated ? "violated" : "allowed", verdict.outcome, colour),
        verdict.invariant->id);
    text += wrapped(first.what);
    if (verdict.outcome == Outcome::allowed)
      text += wrapped(fmt::format("allowed by the declared guarantee {}", first.allowed_by));
    if (verdict.violations.size() > 1)
      text += fmt::format("  and {} more; the first came about so:\n", verdict.violations.size() - 1);
    text += story(run, first);
  }
  text += fmt::format("\n{}: {}\n", run.live ? "to run it again" : "to replay", command);
  return text;
}

std::string verdict_json(const experiments::Scenario& scenario, const experiments::Subject& subject,
                         const RunResult& run, const std::string& command) {
  Json verdicts = Json::array();
  for (const Verdict& verdict : run.verdicts) {
    Json violations = Json::array();
    for (const experiments::Violation& violation : verdict.violations) {
      violations.push_back({{"what", violation.what},
                            {"time", to_rfc3339_micro(violation.time)},
                            {"uid", violation.uid},
                            {"token", violation.token},
                            {"facts", violation.facts},
                            {"allowed_by", violation.allowed_by},
                            {"chain", experiments::cause_chain(run, violation)}});
    }
    verdicts.push_back({{"invariant", verdict.invariant->id},
                        {"outcome", to_text(verdict.outcome)},
                        {"reached", verdict.reached},
                        {"violations", std::move(violations)}});
  }
  return Json{{"scenario", scenario.name},
              {"subject", subject.name()},
              {"seed", run.seed},
              {"hash", run.hash.total().text()},
              {"violated", run.violated()},
              {"verdicts", std::move(verdicts)},
              {"replay", command},
              {"faults_fired", faults_fired(run)},
              {"moments", run.final_state.moments},
              {"workload_done", run.final_state.workload_done}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

void Table::add(const RunResult& run) {
  if (rows_.empty()) {
    for (const Verdict& verdict : run.verdicts) rows_.emplace_back().invariant = verdict.invariant;
  }
  ++runs_;
  runs_reached_ += run.final_state.moments > 0;
  runs_violated_ += run.violated();
  if (run.violated() && !first_violation_) first_violation_ = run.seed;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Verdict& verdict = run.verdicts[i];
    Row& row = rows_[i];
    row.held += verdict.outcome == Outcome::held;
    row.allowed += verdict.outcome == Outcome::allowed;
    row.not_reached += verdict.outcome == Outcome::not_reached;
    if (verdict.outcome == Outcome::allowed && row.allowed_by.empty())
      row.allowed_by = verdict.violations.front().allowed_by;
    if (verdict.outcome != Outcome::violated) continue;
    ++row.violated;
    if (row.seeds.size() < kSeedsShown) row.seeds.push_back(run.seed);
  }
}

std::string Table::text(const experiments::Scenario& scenario, const experiments::Subject& subject,
                        bool colour) const {
  std::string text = fmt::format("{}, subject {}: {} of {} runs violate an invariant\n", scenario.name,
                                 subject.name(), runs_violated_, runs_);
  if (scenario.moment.is_set())
    text += fitted(fmt::format("  {} of {} runs reached the moment: {}", runs_reached_, runs_,
                               scenario.moment.what)) +
            "\n";
  text.push_back('\n');
  text += fmt::format("  {:<30} {:>8} {:>8} {:>9} {:>12}  {}\n", "invariant", "held", "allowed", "violated",
                      "not reached", "first seeds");
  for (const Row& row : rows_) {
    const Outcome worst = row.violated > 0  ? Outcome::violated
                          : row.allowed > 0 ? Outcome::allowed
                          : row.held > 0    ? Outcome::held
                                            : Outcome::not_reached;
    std::string seeds = fmt::format("{}", fmt::join(row.seeds, ", "));
    if (row.violated > row.seeds.size()) seeds += " ...";
    text += painted(fmt::format("  {:<30} {:>8} {:>8} {:>9} {:>12}  {}", row.invariant->id, row.held,
                                row.allowed, row.violated, row.not_reached, seeds),
                    worst, colour) +
            "\n";
  }
  for (const Row& row : rows_) {
    if (row.allowed_by.empty()) continue;
    text.push_back('\n');
    text += wrapped(
        fmt::format("{} was allowed by the declared guarantee {}", row.invariant->id, row.allowed_by));
  }
  return text;
}

std::string Table::heading() {
  return fmt::format("{:<35} {:>5} {:>7} {:>8}  {}\n", "scenario", "runs", "reached", "violated",
                     "invariants violated (runs, first seed)");
}

std::string Table::line(const experiments::Scenario& scenario, bool colour) const {
  std::vector<std::string> broken;
  for (const Row& row : rows_) {
    if (row.violated > 0)
      broken.push_back(fmt::format("{} ({}, {})", row.invariant->id, row.violated, row.seeds.front()));
  }
  const std::string reached =
      scenario.moment.is_set() ? fmt::format("{} %", runs_reached_ * 100 / std::max<std::uint64_t>(runs_, 1))
                               : "-";
  std::string text = painted(fmt::format("{:<35} {:>5} {:>7} {:>8}  {}", scenario.name, runs_, reached,
                                         runs_violated_, broken.empty() ? "" : broken.front()),
                             broken.empty() ? Outcome::held : Outcome::violated, colour) +
                     "\n";
  for (std::size_t i = 1; i < broken.size(); ++i) text += fmt::format("{:<60}{}\n", "", broken[i]);
  return text;
}

void Totals::add(const experiments::Scenario& scenario, const Table& table) {
  ++scenarios_;
  runs_ += table.runs();
  runs_violated_ += table.runs_violated();
  scenarios_violated_ += table.violated();
  if (!scenario.moment.is_set() || table.runs() == 0) return;
  const std::uint64_t reached = table.reached() * 100 / table.runs();
  if (!least_reached_.empty() && reached >= least_) return;
  least_ = reached;
  least_reached_ = scenario.name;
}

std::string Totals::text() const {
  std::string text = fmt::format("\n{} scenarios, {} runs: ", scenarios_, runs_);
  text += runs_violated_ == 0 ? "none violates an invariant\n"
                              : fmt::format("{}, of {} scenarios, violate an invariant\n", runs_violated_,
                                            scenarios_violated_);
  if (least_reached_.empty()) return text;
  text += least_ == 100 ? "every run reached its scenario's dangerous moment\n"
                        : fmt::format(
                              "each scenario reached its dangerous moment in {} % of its runs or more "
                              "(least: {})\n",
                              least_, least_reached_);
  return text;
}

std::string Table::json(const experiments::Scenario& scenario, const experiments::Subject& subject) const {
  Json rows = Json::array();
  for (const Row& row : rows_) {
    rows.push_back({{"invariant", row.invariant->id},
                    {"held", row.held},
                    {"allowed", row.allowed},
                    {"violated", row.violated},
                    {"not_reached", row.not_reached},
                    {"first_seeds", row.seeds}});
  }
  return Json{{"scenario", scenario.name},
              {"subject", subject.name()},
              {"runs", runs_},
              {"runs_violated", runs_violated_},
              {"runs_reached", runs_reached_},
              {"invariants", std::move(rows)}}
             .dump(2) +
         "\n";
}

}  // namespace racebed::cli

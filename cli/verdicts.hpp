// What runs say, for people and programs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/run/run.hpp"

namespace racebed::cli {

/// Breaks a text between words, so that no line is longer than 100 columns; each begins with `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent = 2);

/// How to run the same again: "scripts/racebed run create-delete-create --subject x --seed 7".
std::string replay_command(const std::string& scenario, const std::string& subject,
                           const std::string& settings, std::uint64_t seed);

/// One run: each invariant, the chain of causes of each that is violated, the command that replays it.
std::string verdict_text(const experiments::Scenario& scenario, const experiments::Subject& subject,
                         const experiments::RunResult& run, const std::string& command, bool colour);
std::string verdict_json(const experiments::Scenario& scenario, const experiments::Subject& subject,
                         const experiments::RunResult& run, const std::string& command);

/// Many runs of one scenario: how often each invariant held, and the first seeds where it did not.
class Table {
 public:
  void add(const experiments::RunResult& run);
  std::string text(const experiments::Scenario& scenario, const experiments::Subject& subject,
                   bool colour) const;
  std::string json(const experiments::Scenario& scenario, const experiments::Subject& subject) const;
  /// One line for each of many scenarios (more where several invariants are violated), under heading().
  std::string line(const experiments::Scenario& scenario, bool colour) const;
  static std::string heading();
  /// In how many runs the scenario's dangerous moment came; those where it did not say nothing.
  std::uint64_t reached() const { return runs_reached_; }
  std::uint64_t runs() const { return runs_; }
  std::uint64_t runs_violated() const { return runs_violated_; }
  bool violated() const { return first_violation_.has_value(); }
  /// The first seed with a violation; requires violated().
  std::uint64_t first_violation() const { return *first_violation_; }

 private:
  static constexpr std::size_t kSeedsShown = 5;
  struct Row {
    const experiments::InvariantInfo* invariant = nullptr;
    std::uint64_t held = 0, allowed = 0, violated = 0, not_reached = 0;
    std::vector<std::uint64_t> seeds;  // the first that violate
    std::string allowed_by;            // the first words of allowance
  };
  std::vector<Row> rows_;
  std::uint64_t runs_ = 0;
  std::uint64_t runs_violated_ = 0;
  std::uint64_t runs_reached_ = 0;  // the scenario's dangerous moment
  std::optional<std::uint64_t> first_violation_;
};

/// The last words on many scenarios' runs.
class Totals {
 public:
  void add(const experiments::Scenario& scenario, const Table& table);
  /// How many runs there were, how many violate, and which scenario reached its moment least often.
  std::string text() const;

 private:
  std::uint64_t scenarios_ = 0;
  std::uint64_t runs_ = 0;
  std::uint64_t runs_violated_ = 0;
  std::uint64_t scenarios_violated_ = 0;
  std::uint64_t least_ = 100;  // per cent of a scenario's runs
  std::string least_reached_;
};

}  // namespace racebed::cli

// What a run shows to somebody who looks from outside, a line for each kind of thing: what a fault does can
// be read off it, and a person can review it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/run/run.hpp"

namespace racebed::tests {

/// A run's lines: "answers: 503", "attempts: tls-expired", "api: PUT 409 Conflict" ..., without counts, which
/// would change with every change of the core; and how long things took at most, in steps that are far apart.
class Account {
 public:
  /// `log`: what the controllers logged.
  Account(const experiments::RunResult& run, const std::vector<std::string>& log);
  /// In order, without repeats.
  const std::vector<std::string>& lines() const { return lines_; }
  /// Whether a line contains `text`.
  bool has(const std::string& text) const;

 private:
  void note(const std::string& line);
  void longest(const std::string& what, Duration took);
  void of_slack(const models::Fact& fact);
  void of_objects(const models::Fact& fact);
  void of_life(const models::Fact& fact);
  void of_status(const models::Fact& fact);
  void of_audit(const models::Fact& fact);
  void of_log(const std::string& line);

  std::vector<std::string> lines_;
  std::map<std::string, Time> asked_;        // by token: the last request to Slack
  std::map<std::string, Time> created_;      // by token
  std::map<std::string, Time> ended_;        // by uid: its status became an end
  std::set<std::string> audited_;            // keys of audit records
  std::map<std::string, Time> taken_;        // by token: Slack took it, and no status says so yet
  std::map<std::string, Duration> longest_;  // by what it is
  std::size_t connections_ = 0;
};

}  // namespace racebed::tests

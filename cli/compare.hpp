// racebed compare: what differs by more than chance, between two databases or within one.
#pragma once

#include <string>
#include <vector>

namespace racebed::cli {

struct CompareCommand {
  std::string before;
  std::string after;  // the same as before when cells of one database are held against each other
  /// "subject", or a setting such as subject.guarantee; empty: cells that are alike in all.
  std::string path;
  std::string value_before;
  std::string value_after;
  bool json = false;
};

/// Throws experiments::InputError on bad usage.
CompareCommand parse_compare(const std::vector<std::string>& arguments);

/// 1 when something has become worse.
int compare_command(const CompareCommand& command);

}  // namespace racebed::cli

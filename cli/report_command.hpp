// racebed report and compare: what databases say, for people.
#pragma once

#include <string>
#include <vector>

namespace racebed::cli {

struct ReportCommand {
  std::string database = "sweep.db";
  std::string folder = "report";
  std::string subject = "notification";
};
struct CompareCommand {
  std::string before;
  std::string after;
};

/// Throw experiments::InputError on bad usage.
ReportCommand parse_report(const std::vector<std::string>& arguments);
CompareCommand parse_compare(const std::vector<std::string>& arguments);

int report_command(const ReportCommand& command);
int compare_command(const CompareCommand& command);

}  // namespace racebed::cli

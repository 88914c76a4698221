// racebed report: what a database says, for people.
#pragma once

#include <string>
#include <vector>

namespace racebed::cli {

struct ReportCommand {
  std::string database = "sweep.db";
  std::string folder = "report";
  std::string subject = "notification";
};

/// Throws experiments::InputError on bad usage.
ReportCommand parse_report(const std::vector<std::string>& arguments);

int report_command(const ReportCommand& command);

}  // namespace racebed::cli

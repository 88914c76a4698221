#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/report_command.hpp"
#include "cli/sweep_options.hpp"

namespace racebed::cli {

/// The seed plan's four scenarios on the real core and on the controller that the plan was written for, the
/// report on them, and one race from beginning to end.
int demo(const std::vector<std::string>& arguments) {
  if (!arguments.empty())
    throw experiments::InputError(fmt::format("demo: found \"{}\", expected no argument", arguments.front()));
  fmt::print("Four scenarios, two controllers, 200 seeds each: a minute or two on two cores.\n\n");
  std::fflush(stdout);
  const std::string database = "demo.db";
  SweepCommand sweep = parse_sweep({"load-100-mixed", "create-delete-create", "tls-invalid",
                                    "election-under-load", "--seeds", "0:200", "--subject", "notification",
                                    "--subject", "notification-2025-11", "--db", database});
  sweep_command(sweep);
  fmt::print("\nWhat the runs prove, as pages:\n");
  report_command({.database = database, .folder = "demo"});
  fmt::print("\nOne of the races, from its seed:\n\n");
  std::fflush(stdout);
  run(parse_run({"create-delete-create", "--subject", "notification-2025-11", "--seed", "7"}));
  fmt::print("\nThe story of this race, and of the others: docs/races.md\n");
  return kHolds;
}

}  // namespace racebed::cli

// The command lines of sweep, merge, failures and recheck taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sweep/plan.hpp"

namespace racebed::cli {

struct SweepCommand {
  sweep::PlanOptions plan;
  unsigned jobs = 1;
  std::string database;
  std::uint64_t run_timeout_s = 60;
  std::uint64_t memory_mib = 0;
  std::string junit_file;  // empty: none
  bool json = false;
};

struct MergeCommand {
  std::vector<std::string> inputs;
  std::string output;
};

struct DatabaseCommand {
  std::string database;
  bool json = false;
};

/// Throw experiments::InputError on bad usage. `arguments` are those after the command.
SweepCommand parse_sweep(const std::vector<std::string>& arguments);
MergeCommand parse_merge(const std::vector<std::string>& arguments);
DatabaseCommand parse_database(const std::vector<std::string>& arguments);

extern const char* const kSweepHelp;

/// Each returns its exit status.
int sweep_command(const SweepCommand& command);
int merge_command(const MergeCommand& command);
int failures_command(const DatabaseCommand& command);
int recheck_command(const DatabaseCommand& command);

}  // namespace racebed::cli

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

struct FailuresCommand {
  std::string database = "sweep.db";
  bool json = false;
};

struct RecheckCommand {
  std::string database = "sweep.db";
};

/// Throw experiments::InputError on bad usage. `arguments` are those after the command.
SweepCommand parse_sweep(const std::vector<std::string>& arguments);
MergeCommand parse_merge(const std::vector<std::string>& arguments);
FailuresCommand parse_failures(const std::vector<std::string>& arguments);
RecheckCommand parse_recheck(const std::vector<std::string>& arguments);

extern const char* const kSweepHelp;

/// Each returns its exit status.
int sweep_command(const SweepCommand& command);
int merge_command(const MergeCommand& command);
int failures_command(const FailuresCommand& command);
int recheck_command(const RecheckCommand& command);

}  // namespace racebed::cli

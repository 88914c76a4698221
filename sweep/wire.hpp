// What passes between a sweep and its workers: lines of JSON over pipes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/store/rows.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::sweep {

/// What is to be said of each seed.
enum class Wanted { run, record, portrait };

/// Some seeds of one cell.
struct Task {
  std::int64_t cell = 0;  // what the answers carry
  std::string scenario;   // name or path
  std::string subject;
  std::vector<experiments::Setting> settings;
  std::vector<std::uint64_t> seeds;
  Wanted wanted = Wanted::run;
};

std::string to_line(const Task& task);
Task read_task(const std::string& line);

/// Without outcomes where the run broke.
std::string to_line(const evidence::Run& run);
evidence::Run read_run(const std::string& line);

}  // namespace racebed::sweep

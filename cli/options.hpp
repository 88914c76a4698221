// The command line taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiments/scenario/load.hpp"
#include "sweep/plan.hpp"

namespace racebed::cli {

using SeedRange = sweep::Seeds;

struct RunOptions {
  std::vector<std::string> scenarios;
  std::string subject;  // empty: the scenario's own
  std::optional<std::uint64_t> seed;
  std::optional<SeedRange> seeds;
  std::vector<experiments::Setting> settings;
  std::string trace_file;
  std::string record_file;
  std::string shiviz_file;
  std::string perfetto_file;
  std::string plot_file;  // ends in .svg or .png
  /// Whether the run itself is to be written somewhere, event by event.
  bool writes_events() const {
    return !(trace_file.empty() && record_file.empty() && shiviz_file.empty() && perfetto_file.empty() &&
             plot_file.empty());
  }
  bool json = false;
  bool hashes = false;
  bool log = false;
  bool live = false;
};

struct ListOptions {
  bool json = false;
  bool invariants = false;
  bool faults = false;
  bool schema = false;
  bool reference = false;
};

struct ReplayOptions {
  std::string file;
  bool json = false;
};

/// Throw experiments::InputError on bad usage. `arguments` are those after the command.
RunOptions parse_run(const std::vector<std::string>& arguments);
ListOptions parse_list(const std::vector<std::string>& arguments);
ReplayOptions parse_replay(const std::vector<std::string>& arguments);

}  // namespace racebed::cli

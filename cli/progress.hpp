// How far a sweep is: a line that overwrites itself on a terminal, and a plain one now and then elsewhere.
#pragma once

#include <chrono>

#include "sweep/sweep.hpp"

namespace racebed::cli {

/// Writes to standard error.
class ProgressLine {
 public:
  ProgressLine() = default;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();  // takes the line away

  /// Shows it when it is time: four times a second on a terminal, every half a minute elsewhere.
  void show(const sweep::Progress& progress);

 private:
  using RealClock = std::chrono::steady_clock;  // of the sweep, never of a run

  RealClock::time_point began_ = RealClock::now();
  RealClock::time_point next_ = began_;
  bool shown_ = false;
};

}  // namespace racebed::cli

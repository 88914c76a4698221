// Where a notification of the controller of 2026-08 goes after a delivery loop (notification.md D.2 step 11):
// a decision without I/O.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiments/subjects/notification_2026_08_working.hpp"

namespace racebed::experiments::august_2026 {

struct Transition {
  enum class Kind {
    sent,
    partially_sent,
    failed,
    retrying,        // some succeeded: a phase of its own
    stays,           // none succeeded: the phase does not change
    nothing_to_tell  // no failure and not all succeeded
  };
  Kind kind = Kind::nothing_to_tell;
  std::string reason{};
  std::int64_t succeeded = 0;          // recorded and in this loop
  std::int64_t attempts_of_worst = 0;  // recorded, of channels that have not succeeded
};

/// `work` as it was last read; `attempts` and `failures` of the loop just run.
Transition decide(const Working& work, const std::vector<Attempt>& attempts, std::size_t failures,
                  const std::function<bool(const std::string& channel)>& has_succeeded);

}  // namespace racebed::experiments::august_2026

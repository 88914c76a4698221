// What a host's disk asks before it does something. Calm weather is a complete answer; faults give others.
#pragma once

#include <string>

#include "runtime/result.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

enum class DiskOperation { read, write, sync, rename };

struct DiskVerdict {
  Duration takes{0};           // before it does anything
  ErrorCode error{};           // set: it fails with this
  bool leaves_a_part = false;  // a write that fails leaves the first half of its content
};

class DiskPolicy {
 public:
  virtual ~DiskPolicy() = default;
  /// `process`: on whose host.
  virtual DiskVerdict disk(const std::string& /*process*/, DiskOperation /*operation*/) { return {}; }
};

}  // namespace racebed::models

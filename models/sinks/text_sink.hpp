// A console or a log of the fake world: every text written to it is a delivery.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "models/ledger/ledger.hpp"
#include "runtime/result.hpp"

namespace racebed::models {

/// Whether a write to `channel` succeeds. The default always does.
using SinkPolicy = std::function<ErrorCode(std::string_view channel)>;

class TextSink {
 public:
  /// `channel` is "console" or "log"; `process` is who writes: evaluated at each write, for its incarnation.
  TextSink(Ledger& ledger, std::string channel, std::function<Actor()> writer, SinkPolicy policy = {});
  /// Records Delivered, or returns the policy's error and records nothing.
  ErrorCode write(std::string_view text);

 private:
  Ledger& ledger_;
  std::string channel_;
  std::function<Actor()> writer_;
  SinkPolicy policy_;
  std::uint64_t written_ = 0;
};

}  // namespace racebed::models

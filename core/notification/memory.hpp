// What one process remembers of one incarnation (UID) between reconciles: results that its status does not
// show yet, and doubts about sends of others. All of it may be lost at any time without breaking a guarantee.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/notification/delivery.hpp"
#include "core/notification/status.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

struct ChannelMemory {
  /// The last intent of this process; its mark stands in the attempt record.
  struct Intent {
    int attempt = 0;
    Instant written_from{};  // before the write was sent
  };
  std::optional<Intent> intent;
  /// The last attempt that this process has begun to send; 0: none.
  int last_sent = 0;

  /// A send of this process that has ended and is not in the status.
  struct Finished {
    int attempt = 0;
    bool had_intent = false;
    DeliveryResult result;
    Time started{};
    Time ended{};
    std::uint64_t jitter = 0;  // drawn once, so that deciding again decides the same
  };
  std::optional<Finished> finished;

  /// A pending attempt as seen in a status: how long it has stood there, and what the channel's history said.
  struct Doubt {
    int attempt = 0;
    std::string mark;
    Instant first_seen{};
    int asked = 0;
    Instant ask_again{};
    std::optional<ProbeAnswer::What> answer;  // found or absent
  };
  std::optional<Doubt> doubt;

  /// A planned next attempt, and when this process saw it first: a wall clock that is set back must not make
  /// anybody wait for longer than was planned.
  struct Wait {
    Time until{};
    Instant first_seen{};
  };
  std::optional<Wait> wait;
};

struct Memory {
  std::map<std::string, ChannelMemory> channels;

  /// Takes in a status as freshly read, and forgets what it makes obsolete.
  void observe(const Status& status, Instant now);
  /// Takes in a status from a cache, which may be old: a pending attempt seen there has stood at least since
  /// now.
  void glimpse(const Status& status, Instant now);
  bool has_unrecorded_results() const;
};

/// The record that a result makes, before a number is given.
AttemptStatus attempt_status(const DeliveryResult& result);

}  // namespace racebed::notification

// How the controller of 2026-08 writes a status (notification.md D.2 step 12): read uncached by name, change,
// write; again after a conflict.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "core/kube/client.hpp"
#include "experiments/subjects/notification_2026_08_context.hpp"
#include "experiments/subjects/notification_2026_08_working.hpp"

namespace racebed::experiments::august_2026 {

struct StatusChange {
  std::string phase;
  std::string reason;
  std::string message;
  std::vector<Attempt> attempts{};
  std::vector<Json> conditions{};  // put back after each read
};

/// Adds those that are not in the list yet: same channel, status and error less than a second apart.
void append_attempts(Working& work, const std::vector<Attempt>& attempts);
/// successfulDeliveries and failedDeliveries, by channel.
void recount(Working& work);

class StatusWriter {
 public:
  StatusWriter(Runtime& runtime, Context& context, kube::Client& client)
      : runtime_(runtime), context_(context), client_(client) {}

  /// Both return the error's text, empty on success. `work` is then what the server answered; on an error
  /// what it was last read as, with as much of the change as came before the error. It must outlive the call.
  /// A phase that does not change is fine here ...
  asio::awaitable<std::string> atomic_update(Working& work, StatusChange change);
  /// ... and refused here.
  asio::awaitable<std::string> update_phase(Working& work, StatusChange change);

 private:
  struct Outcome {
    std::string error{};
    bool conflict = false;
  };
  enum class Mode { atomic, phase_only };
  asio::awaitable<std::string> retry_on_conflict(Working& work, StatusChange change, Mode mode);
  asio::awaitable<Outcome> try_once(Working& work, const StatusChange& change, Mode mode);

  Runtime& runtime_;
  Context& context_;
  kube::Client& client_;
};

}  // namespace racebed::experiments::august_2026

#include "experiments/subjects/notification_2026_08_status.hpp"

#include <fmt/format.h>

#include <set>

namespace racebed::experiments::august_2026 {
namespace {

struct Recorded {
  std::string channel;
  std::string status;
  std::string error;
  Time timestamp;
};

void enter(Working& work, const StatusChange& change, Time now) {
  const std::string time = to_rfc3339(now);
  work.status["phase"] = change.phase;
  work.status["reason"] = change.reason;
  work.status["message"] = change.message;
  if (change.phase == "Pending" && !work.status.contains("queuedAt")) work.status["queuedAt"] = time;
  if (change.phase == "Sending" && !work.status.contains("processingStartedAt"))
    work.status["processingStartedAt"] = time;
  if (is_terminal(change.phase)) work.status["completionTime"] = time;
}

}  // namespace

void append_attempts(Working& work, const std::vector<Attempt>& attempts) {
  std::vector<Recorded> recorded;
  for (const Json& attempt : work.attempts()) {
    recorded.push_back({attempt.value("channel", ""), attempt.value("status", ""), attempt.value("error", ""),
                        parse_rfc3339(attempt.value("timestamp", "")).value_or(Time{})});
  }
  for (const Attempt& attempt : attempts) {
    const char* status = attempt.success ? "success" : "failed";
    bool known = false;
    for (const Recorded& r : recorded) {
      const Duration apart =
          r.timestamp < attempt.timestamp ? attempt.timestamp - r.timestamp : r.timestamp - attempt.timestamp;
      known |= r.channel == attempt.channel && r.status == status && r.error == attempt.error &&
               apart < std::chrono::seconds{1};
    }
    if (known) continue;
    recorded.push_back({attempt.channel, status, attempt.error, attempt.timestamp});
    work.status["deliveryAttempts"].push_back(to_json(attempt));
    work.status["totalAttempts"] = work.counter("totalAttempts") + 1;
  }
}

void recount(Working& work) {
  std::set<std::string> succeeded;
  std::set<std::string> failed;
  for (const Json& attempt : work.attempts()) {
    const std::string channel = attempt.value("channel", "");
    if (attempt.value("status", "") == "success") {
      succeeded.insert(channel);
      failed.erase(channel);
    } else if (!succeeded.contains(channel)) {
      failed.insert(channel);
    }
  }
  work.status["successfulDeliveries"] = succeeded.size();
  work.status["failedDeliveries"] = failed.size();
}

asio::awaitable<std::string> StatusWriter::atomic_update(Working& work, StatusChange change) {
  return retry_on_conflict(work, std::move(change), Mode::atomic);
}

asio::awaitable<std::string> StatusWriter::update_phase(Working& work, StatusChange change) {
  return retry_on_conflict(work, std::move(change), Mode::phase_only);
}

/// client-go retry.RetryOnConflict(DefaultRetry): 5 tries, 10 ms to 11 ms between them.
asio::awaitable<std::string> StatusWriter::retry_on_conflict(Working& work, StatusChange change, Mode mode) {
  constexpr int kSteps = 5;
  for (int step = 1;; ++step) {
    const Outcome outcome = co_await try_once(work, change, mode);
    if (!outcome.conflict || step == kSteps) co_return outcome.error;
    const std::uint64_t jitter = runtime_.random.below(1'000, "aug2026-conflict-jitter");
    co_await runtime_.clock.sleep_for(std::chrono::milliseconds{10} + std::chrono::microseconds{jitter});
  }
}

asio::awaitable<StatusWriter::Outcome> StatusWriter::try_once(Working& work, const StatusChange& change,
                                                              Mode mode) {
  if (context_.is_cancelled())
    co_return Outcome{fmt::format("failed to refetch notification: {}", kClientCancelled)};
  ObjectKey key = work.object().key();
  auto read = co_await client_.get(notification_requests(), std::move(key));
  if (!read) co_return Outcome{fmt::format("failed to refetch notification: {}", read.error().message)};
  work.take(*read);
  for (const Json& condition : change.conditions) work.put_condition(condition);
  const bool same = work.phase() == change.phase;
  if (mode == Mode::phase_only || !same) {
    if (!can_transition(work.phase(), change.phase)) {
      co_return Outcome{fmt::format("invalid phase transition from {} to {}", work.phase(), change.phase)};
    }
    enter(work, change, runtime_.clock.now());
  }
  if (mode == Mode::atomic) {
    append_attempts(work, change.attempts);
    recount(work);
  }
  work.status["observedGeneration"] = work.object().generation();
  const char* what = mode == Mode::atomic ? "failed to atomically update status" : "failed to update phase";
  if (context_.is_cancelled()) co_return Outcome{fmt::format("{}: {}", what, kClientCancelled)};
  Object write = work.object().status_write(work.status);
  auto written = co_await client_.update_status(notification_requests(), std::move(write));
  if (!written) {
    co_return Outcome{fmt::format("{}: {}", what, written.error().message),
                      written.error().code == kube::ApiError::Code::conflict};
  }
  work.take(*written);
  co_return Outcome{};
}

}  // namespace racebed::experiments::august_2026

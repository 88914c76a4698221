// The delivery loop of the controller of 2026-08 (notification.md D.2 step 9) and what it remembers between
// reconciles: mutexes by UID; attempts in flight, successes and running deliveries by "UID:channel".
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/kube/events.hpp"
#include "core/obs/log.hpp"
#include "experiments/subjects/notification_2026_08_audit.hpp"
#include "experiments/subjects/notification_2026_08_channels.hpp"
#include "experiments/subjects/notification_2026_08_metrics.hpp"
#include "experiments/subjects/notification_2026_08_working.hpp"

namespace racebed::experiments::august_2026 {

struct LoopResult {
  std::vector<Attempt> attempts{};
  std::size_t failures = 0;
  std::string error{};  // not empty: the batch was aborted
};

/// What the loop works with; all of it outlives the orchestrator.
struct OrchestratorParts {
  Runtime& runtime;
  Channels& channels;
  Breakers& breakers;
  Auditor& audit;
  Metrics& metrics;
  kube::EventRecorder& events;
};

class Orchestrator {
 public:
  Orchestrator(OrchestratorParts parts, obs::Logger log) : parts_(parts), log_(std::move(log)) {}

  /// `work` as last read; it must outlive the call.
  asio::awaitable<LoopResult> deliver_to_channels(const Working& work, std::vector<std::string> channels);
  /// Recorded, or remembered.
  bool has_succeeded(const Working& work, const std::string& channel) const;
  /// 13: nothing about this UID is remembered.
  void clear(const std::string& uid);

 private:
  struct Mutex;
  class Lock;
  struct Flight;
  asio::awaitable<void> deliver_one(const Working& work, std::string channel, LoopResult& result);
  asio::awaitable<ChannelResult> singleflight(const Working& work, std::string channel);
  asio::awaitable<ChannelResult> send(const Working& work, std::string channel);
  void refuse_by_breaker(const Working& work, Attempt attempt, LoopResult& result);
  void release(const std::string& key);
  static std::string key_of(const Working& work, const std::string& channel) {
    return work.uid() + ":" + channel;
  }

  OrchestratorParts parts_;
  obs::Logger log_;
  std::map<std::string, std::shared_ptr<Mutex>> mutexes_;
  std::map<std::string, std::int64_t> in_flight_;
  std::set<std::string> succeeded_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace racebed::experiments::august_2026

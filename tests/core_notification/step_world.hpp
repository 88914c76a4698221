// A world of three variables around reconcile_step: the stored object, what the channel accepted, the clock.
// It plays the reconciler's part exactly, and fails where it is told to.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/notification/notification.hpp"
#include "core/notification/reconcile_step.hpp"

namespace racebed::notification::tests {

using kube::Json;
using namespace std::chrono_literals;

enum class Failure {
  crash_before,  // the process dies instead of doing it
  crash_after,   // ... right after doing it
  lost_answer,   // it is done, but nobody learns so: an unknown outcome
  refused,       // a write meets a conflict; a send or a question is refused
  zombie         // ... it is done, and a second process decides from scratch before this one goes on
};

struct StepWorld {
  Guarantee guarantee = Guarantee::probe;
  int attempts_max = 3;
  DeliveryConfig config{};
  Json object =
      Json::parse(R"({"apiVersion":"notification.kubernaut.ai/v1alpha1","kind":"NotificationRequest",
    "metadata":{"name":"n","namespace":"default","uid":"u1","resourceVersion":"1","generation":1,
                "creationTimestamp":"2025-11-29T00:00:00Z"},
    "spec":{"type":"simple","priority":"high","subject":"s","body":"b","channels":["slack"],
            "retryPolicy":{"maxAttempts":3,"initialBackoffSeconds":1,"backoffMultiplier":2,"maxBackoffSeconds":60}}})");
  std::map<std::string, int> accepted{};  // by channel
  std::vector<Phase> phases{};            // as they were committed
  Duration elapsed{0};
  int revision = 1;
  int processes = 0;

  Duration set_back{0};  // the wall clock, by somebody
  Time wall() const { return Time{std::chrono::seconds{1764374400}} + elapsed - set_back; }
  Instant now() const { return Instant{} + 1h + elapsed; }
  kube::Object stored() const { return kube::Object::make(object); }
  Status status() const { return read_status(stored()); }
  std::map<std::string, ChannelView> views() const {
    std::map<std::string, ChannelView> views;
    for (const std::string& name : read_channels(stored())) {
      ChannelView view;
      view.guarantee = guarantee;
      views[name] = view;
    }
    return views;
  }
  /// A commit on `resource_version`, or false: a conflict.
  bool commit(const Status& status, const std::string& resource_version) {
    if (object["metadata"]["resourceVersion"] != resource_version) return false;
    object["status"] = to_json(status, object.contains("status") ? &object["status"] : nullptr);
    object["metadata"]["resourceVersion"] = std::to_string(++revision);
    if (phases.empty() || phases.back() != status.phase) phases.push_back(status.phase);
    return true;
  }
};

/// One process on the world: memory and a mark of its own.
class StepProcess {
 public:
  explicit StepProcess(StepWorld& world)
      : world_(world), mark_("sender " + std::to_string(++world.processes)) {}

  Action next() {
    const kube::Object read = world_.stored();
    memory_.observe(read_status(read), world_.now());
    const auto views = world_.views();
    const StepInput input{.object = read,
                          .memory = memory_,
                          .config = world_.config,
                          .channels = views,
                          .mark = mark_,
                          .wall = world_.wall(),
                          .now = world_.now(),
                          .may_send = true};
    resource_version_ = std::string(read.resource_version());
    return decide(input);
  }

  /// Does `action`; `failure` may spoil it (crashes are the caller's part).
  void perform(const Action& action, const Failure* failure) {
    const bool lost = failure != nullptr && *failure == Failure::lost_answer;
    const bool refused = failure != nullptr && *failure == Failure::refused;
    switch (action.kind) {
      case Action::Kind::nothing:
        return;
      case Action::Kind::wait:
        world_.elapsed += action.delay;
        return;
      case Action::Kind::write: {
        const auto before = memory_.channels;
        if (!action.channel.empty())
          memory_.channels[action.channel].intent = {action.status.find_pending(action.channel)->number,
                                                     world_.now()};
        const bool done = !refused && world_.commit(action.status, resource_version_);
        if (!done && !action.channel.empty()) memory_ = {before};
        return;
      }
      case Action::Kind::send: {
        ChannelMemory& memory = memory_.channels[action.channel];
        ChannelMemory::Finished finished;
        finished.attempt = action.attempt;
        finished.had_intent = world_.status().find_pending(action.channel) != nullptr;
        finished.started = finished.ended = world_.wall();
        memory.last_sent = action.attempt;
        if (!refused) ++world_.accepted[action.channel];
        if (refused) finished.result.outcome = DeliveryResult::Outcome::rejected;
        if (lost) finished.result.outcome = DeliveryResult::Outcome::unknown;
        if (refused || lost) finished.result.error = "no";
        memory.finished = finished;
        return;
      }
      case Action::Kind::ask: {
        auto& doubt = memory_.channels[action.channel].doubt;
        if (refused || lost) {
          doubt->ask_again = world_.now() + 5s;
        } else {
          doubt->answer =
              world_.accepted[action.channel] > 0 ? ProbeAnswer::What::found : ProbeAnswer::What::absent;
        }
        return;
      }
    }
  }

 private:
  StepWorld& world_;
  std::string mark_;
  Memory memory_;
  std::string resource_version_;
};

}  // namespace racebed::notification::tests

#include "experiments/invariants/status_view.hpp"

#include <nlohmann/json.hpp>

#include "experiments/invariants/history.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

std::string text(const models::Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

const models::Json& status_of(const models::Json& object) {
  static const models::Json kNone = models::Json::object();
  const auto status = object.find("status");
  return status != object.end() && status->is_object() ? *status : kNone;
}

const models::Committed* controller_status(const models::Fact& fact) {
  const auto* commit = std::get_if<models::Committed>(&fact.what);
  const bool is_one = commit != nullptr && commit->operation == models::Committed::Operation::status &&
                      commit->object.resource == kNotifications && commit->after != nullptr &&
                      is_controller(fact.actor.process);
  return is_one ? commit : nullptr;
}

StatusView::StatusView(const models::Json& object) {
  const models::Json& status = status_of(object);
  phase = text(status, "phase");
  reason = text(status, "reason");
  message = text(status, "message");
  for (const models::Json& json : attempts_of(object)) {
    AttemptView attempt;
    attempt.channel = text(json, "channel");
    if (const auto number = json.find("attempt"); number != json.end() && number->is_number_integer())
      attempt.number = number->get<std::int64_t>();
    attempt.timestamp = text(json, "timestamp");
    attempt.status = text(json, "status");
    attempt.error = text(json, "error");
    attempts.push_back(std::move(attempt));
  }
  for (const char* name : {"queuedAt", "processingStartedAt", "completionTime"}) {
    if (const std::string time = text(status, name); !time.empty()) times[name] = time;
  }
  for (const char* name :
       {"totalAttempts", "successfulDeliveries", "failedDeliveries", "observedGeneration"}) {
    const auto found = status.find(name);
    if (found != status.end() && found->is_number_integer()) counters[name] = found->get<std::int64_t>();
  }
  const auto list = status.find("conditions");
  if (list == status.end() || !list->is_array()) return;
  for (const models::Json& condition : *list) conditions[text(condition, "type")] = text(condition, "status");
}

std::set<std::string> StatusView::delivered() const {
  std::set<std::string> channels;
  for (const AttemptView& attempt : attempts) {
    if (attempt.is_success()) channels.insert(attempt.channel);
  }
  return channels;
}

std::set<std::string> StatusView::failed() const {
  const std::set<std::string> well = delivered();
  std::set<std::string> channels;
  for (const AttemptView& attempt : attempts) {
    if (attempt.is_failure() && !well.contains(attempt.channel)) channels.insert(attempt.channel);
  }
  return channels;
}

}  // namespace racebed::experiments

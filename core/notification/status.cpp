#include "core/notification/status.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/notification/utf8.hpp"
#include "runtime/assert.hpp"

namespace racebed::notification {
namespace {

using kube::Json;

constexpr std::array<std::string_view, 7> kPhases = {"",     "Pending",       "Sending", "Retrying",
                                                     "Sent", "PartiallySent", "Failed"};
constexpr std::array<std::string_view, 5> kAttempts = {"pending", "success", "failed", "timeout", "invalid"};
constexpr std::array<std::string_view, 5> kStates = {"waiting", "pending", "retrying", "delivered", "failed"};

template <class Enum, std::size_t N>
Enum parse(const std::array<std::string_view, N>& names, std::string_view text, Enum otherwise) {
  const auto found = std::find(names.begin(), names.end(), text);
  return found == names.end() ? otherwise : static_cast<Enum>(found - names.begin());
}

const Json* member(const Json& parent, std::string_view name) {
  if (!parent.is_object()) return nullptr;
  const auto found = parent.find(name);
  return found == parent.end() ? nullptr : &*found;
}
/// Good as long as `parent`.
std::string_view view(const Json& parent, std::string_view name) {
  const Json* value = member(parent, name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const std::string&>())
                                                : std::string_view();
}
std::string text(const Json& parent, std::string_view name) {
  return std::string(view(parent, name));
}
std::int64_t integer(const Json& parent, std::string_view name) {
  const Json* value = member(parent, name);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}
/// Calls `f` with every element of an array; does nothing when there is none.
template <class F>
void for_each(const Json& parent, std::string_view name, F f) {
  const Json* value = member(parent, name);
  if (value == nullptr || !value->is_array()) return;
  for (const Json& element : *value) f(element);
}

Attempt read_attempt(const Json& json) {
  Attempt attempt;
  attempt.channel = text(json, "channel");
  attempt.number = static_cast<int>(integer(json, "attempt"));
  attempt.timestamp = text(json, "timestamp");
  attempt.status = parse(kAttempts, view(json, "status"), AttemptStatus::failed);
  attempt.error = text(json, "error");
  if (const Json* seconds = member(json, "durationSeconds"); seconds != nullptr && seconds->is_number()) {
    attempt.duration_ms = static_cast<std::int64_t>(seconds->get<double>() * 1000 + 0.5);
  }
  return attempt;
}

Json write_attempt(const Attempt& attempt) {
  Json json = Json::object();
  json["channel"] = attempt.channel;
  json["attempt"] = attempt.number;
  json["timestamp"] = attempt.timestamp;
  json["status"] = kAttempts[static_cast<std::size_t>(attempt.status)];
  if (!attempt.error.empty()) json["error"] = attempt.error;
  if (attempt.duration_ms) json["durationSeconds"] = static_cast<double>(*attempt.duration_ms) / 1000;
  return json;
}

ChannelStatus read_channel(const Json& json) {
  ChannelStatus channel;
  channel.channel = text(json, "channel");
  channel.state = parse(kStates, view(json, "state"), ChannelState::waiting);
  channel.attempts = static_cast<int>(integer(json, "attempts"));
  channel.next_attempt = parse_rfc3339(view(json, "nextAttemptTime"));
  channel.last_error = text(json, "lastError");
  channel.breaker = text(json, "breaker");
  return channel;
}

Json write_channel(const ChannelStatus& channel) {
  Json json = Json::object();
  json["channel"] = channel.channel;
  json["state"] = kStates[static_cast<std::size_t>(channel.state)];
  json["attempts"] = channel.attempts;
  if (channel.next_attempt) json["nextAttemptTime"] = to_rfc3339(*channel.next_attempt);
  if (!channel.last_error.empty()) json["lastError"] = channel.last_error;
  if (!channel.breaker.empty()) json["breaker"] = channel.breaker;
  return json;
}

Json write_condition(const Condition& condition, std::int64_t observed_generation) {
  Json json = Json::object();
  json["type"] = condition.type;
  json["status"] = condition.status;
  json["reason"] = condition.reason;
  json["message"] = condition.message;
  json["lastTransitionTime"] = condition.last_transition_time;
  json["observedGeneration"] = observed_generation;
  return json;
}

/// Members of a status that we do not know, as they stand.
Json others_members(const Json* before) {
  Json json = Json::object();
  if (before == nullptr || !before->is_object()) return json;
  for (auto it = before->begin(); it != before->end(); ++it) {
    const std::string& name = it.key();
    if (name != "deliveryAttempts" && name != "channels" && name != "conditions") json[name] = *it;
  }
  return json;
}

void set_or_erase(Json& json, const char* name, const std::string& value) {
  if (value.empty()) {
    json.erase(name);
  } else {
    json[name] = value;
  }
}

void set_condition(Status& status, const char* type, bool holds, Time now) {
  const std::string value = holds ? "True" : "False";
  auto found = std::find_if(status.conditions.begin(), status.conditions.end(),
                            [&](const Condition& c) { return c.type == type; });
  if (found == status.conditions.end()) {
    status.conditions.push_back({type, value, status.reason, status.message, to_rfc3339(now)});
    return;
  }
  if (found->status != value) found->last_transition_time = to_rfc3339(now);
  found->status = value;
  found->reason = status.reason;
  found->message = status.message;
}

/// A condition of another type than ours, as it stands: somebody else's, and to be left as it is.
const Json* others_condition(const Json* status, const std::string& type) {
  if (status == nullptr || type == "Ready" || type == "Progressing") return nullptr;
  const Json* conditions = member(*status, "conditions");
  if (conditions == nullptr || !conditions->is_array()) return nullptr;
  const auto found = std::find_if(conditions->begin(), conditions->end(),
                                  [&](const Json& condition) { return view(condition, "type") == type; });
  return found == conditions->end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_text(Phase phase) {
  return kPhases[static_cast<std::size_t>(phase)];
}
std::string_view to_text(ChannelState state) {
  return kStates[static_cast<std::size_t>(state)];
}

bool is_legal(Phase from, Phase to) {
  if (from == to) return true;
  switch (from) {
    case Phase::none:
      return to == Phase::pending;
    case Phase::pending:
      return to == Phase::sending;
    case Phase::sending:
      return is_terminal(to) || to == Phase::retrying;
    case Phase::retrying:
      return is_terminal(to);
    default:
      return false;
  }
}

ChannelStatus* Status::find_channel(std::string_view channel) {
  for (ChannelStatus& c : channels) {
    if (c.channel == channel) return &c;
  }
  return nullptr;
}
const ChannelStatus* Status::find_channel(std::string_view channel) const {
  return const_cast<Status*>(this)->find_channel(channel);
}
Attempt* Status::find_pending(std::string_view channel) {
  for (Attempt& a : attempts) {
    if (a.channel == channel && a.status == AttemptStatus::pending) return &a;
  }
  return nullptr;
}
const Attempt* Status::find_pending(std::string_view channel) const {
  return const_cast<Status*>(this)->find_pending(channel);
}
bool Status::has_success(std::string_view channel) const {
  return std::any_of(attempts.begin(), attempts.end(), [&](const Attempt& a) {
    return a.channel == channel && a.status == AttemptStatus::success;
  });
}
int Status::next_number(std::string_view channel) const {
  int last = 0;
  for (const Attempt& a : attempts) {
    if (a.channel == channel) last = std::max(last, a.number);
  }
  return last + 1;
}
int Status::records(std::string_view channel) const {
  return static_cast<int>(std::count_if(attempts.begin(), attempts.end(),
                                        [&](const Attempt& a) { return a.channel == channel; }));
}
int Status::successful_deliveries() const {
  return static_cast<int>(std::count_if(channels.begin(), channels.end(),
                                        [&](const ChannelStatus& c) { return has_success(c.channel); }));
}
int Status::failed_deliveries() const {
  const auto failed = [&](const ChannelStatus& c) {
    return !has_success(c.channel) && std::any_of(attempts.begin(), attempts.end(), [&](const Attempt& a) {
      return a.channel == c.channel && a.status != AttemptStatus::pending;
    });
  };
  return static_cast<int>(std::count_if(channels.begin(), channels.end(), failed));
}

Phase read_phase(const kube::Object& object) {
  const Json* json = object.find("status");
  return json == nullptr ? Phase::none : parse(kPhases, view(*json, "phase"), Phase::none);
}

Status read_status(const kube::Object& object) {
  Status status;
  const Json* json = object.find("status");
  if (json == nullptr || !json->is_object()) return status;
  status.phase = read_phase(object);
  status.reason = text(*json, "reason");
  status.message = text(*json, "message");
  for_each(*json, "deliveryAttempts", [&](const Json& a) { status.attempts.push_back(read_attempt(a)); });
  for_each(*json, "channels", [&](const Json& c) { status.channels.push_back(read_channel(c)); });
  for_each(*json, "conditions", [&](const Json& c) {
    status.conditions.push_back({text(c, "type"), text(c, "status"), text(c, "reason"), text(c, "message"),
                                 text(c, "lastTransitionTime")});
  });
  status.queued_at = text(*json, "queuedAt");
  status.processing_started_at = text(*json, "processingStartedAt");
  status.completion_time = text(*json, "completionTime");
  status.observed_generation = integer(*json, "observedGeneration");
  return status;
}

kube::Json to_json(const Status& status, const Json* before) {
  Json json = others_members(before);
  json["phase"] = to_text(status.phase);
  set_or_erase(json, "reason", status.reason);
  set_or_erase(json, "message", status.message);
  Json& attempts = json["deliveryAttempts"] = Json::array();
  for (const Attempt& attempt : status.attempts) attempts.push_back(write_attempt(attempt));
  Json& channels = json["channels"] = Json::array();
  for (const ChannelStatus& channel : status.channels) channels.push_back(write_channel(channel));
  Json& conditions = json["conditions"] = Json::array();
  for (const Condition& c : status.conditions) {
    if (const Json* others = others_condition(before, c.type)) {
      conditions.push_back(*others);
      continue;
    }
    conditions.push_back(write_condition(c, status.observed_generation));
  }
  json["totalAttempts"] = status.attempts.size();
  json["successfulDeliveries"] = status.successful_deliveries();
  json["failedDeliveries"] = status.failed_deliveries();
  json["observedGeneration"] = status.observed_generation;
  set_or_erase(json, "queuedAt", status.queued_at);
  set_or_erase(json, "processingStartedAt", status.processing_started_at);
  set_or_erase(json, "completionTime", status.completion_time);
  return json;
}

void set_phase(Status& status, Phase phase, std::string reason, std::string message, Time now) {
  RACEBED_ASSERT(is_legal(status.phase, phase), "a phase changes only as the specification allows");
  status.phase = phase;
  status.reason = std::move(reason);
  status.message = std::move(message);
  set_condition(status, "Ready", phase == Phase::sent || phase == Phase::partially_sent, now);
  if (is_terminal(phase)) {
    std::erase_if(status.conditions, [](const Condition& c) { return c.type == "Progressing"; });
    status.completion_time = to_rfc3339(now);
  } else {
    set_condition(status, "Progressing", true, now);
  }
}

std::string cut_error(std::string_view error) {
  return cut_bytes(error, 1024);
}

}  // namespace racebed::notification

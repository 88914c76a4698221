#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/live/live_run.hpp"
#include "models/apiserver/store.hpp"
#include "models/sinks/token.hpp"

namespace racebed::experiments {
namespace {

using models::Json;

/// What is compared of one notification: its messages by channel, and how its status ended.
struct Story {
  std::map<std::string, int> messages;
  std::map<std::string, std::string> status;
};

const Json& member(const Json& object, const char* name) {
  static const Json kNone;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return !object.is_object() || found == object.end() ? kNone : *found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// By token: what became of those that their user let live.
std::map<std::string, Story> stories_of(const RunResult& run) {
  std::map<std::string, Story> stories;
  std::set<std::string> deleted;
  for (const models::Fact& fact : run.facts) {
    if (const auto* gone = std::get_if<models::UserDeleted>(&fact.what)) deleted.insert(gone->token);
    if (const auto* delivered = std::get_if<models::Delivered>(&fact.what))
      ++stories[delivered->token].messages[delivered->channel];
  }
  for (const models::JsonPtr& object : run.final_state.notifications) {
    const Json& status = member(*object, "status");
    const std::string token = models::token_in(text_of(member(member(*object, "spec"), "subject")));
    Story& story = stories[token];
    for (const char* field : {"phase", "reason", "successfulDeliveries", "failedDeliveries"})
      story.status[field] = text_of(member(status, field));
    const Json& channels = member(status, "channels");
    if (!channels.is_array()) continue;
    for (const Json& channel : channels)
      story.status["channel " + text_of(member(channel, "channel"))] = text_of(member(channel, "state"));
  }
  for (const std::string& token : deleted) stories.erase(token);
  return stories;
}

template <class Value>
void compare_members(const std::string& token, const char* what,
                     const std::map<std::string, Value>& simulated, const std::map<std::string, Value>& live,
                     std::vector<std::string>& differences) {
  std::set<std::string> names;
  for (const auto& [name, value] : simulated) names.insert(name);
  for (const auto& [name, value] : live) names.insert(name);
  for (const std::string& name : names) {
    const auto s = simulated.find(name);
    const auto l = live.find(name);
    if (s != simulated.end() && l != live.end() && s->second == l->second) continue;
    differences.push_back(fmt::format("{}: {} {}: {} in the simulation, {} live", token, what, name,
                                      s == simulated.end() ? "none" : fmt::format("{}", s->second),
                                      l == live.end() ? "none" : fmt::format("{}", l->second)));
  }
}

}  // namespace

Parity compare(const RunResult& simulated, const RunResult& live) {
  const auto expected = stories_of(simulated);
  const auto got = stories_of(live);
  Parity parity;
  std::set<std::string> tokens;
  for (const auto& [token, story] : expected) tokens.insert(token);
  for (const auto& [token, story] : got) tokens.insert(token);
  parity.notifications = tokens.size();
  for (const std::string& token : tokens) {
    const auto s = expected.find(token);
    const auto l = got.find(token);
    if (s == expected.end() || l == got.end()) {
      parity.differences.push_back(
          fmt::format("{}: only {}", token, s == expected.end() ? "live" : "in the simulation"));
      continue;
    }
    for (const auto& [channel, count] : l->second.messages)
      parity.messages += static_cast<std::size_t>(count);
    compare_members(token, "messages to", s->second.messages, l->second.messages, parity.differences);
    compare_members(token, "status", s->second.status, l->second.status, parity.differences);
  }
  return parity;
}

}  // namespace racebed::experiments

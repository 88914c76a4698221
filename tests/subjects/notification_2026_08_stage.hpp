// What the tests of the controller of 2026-08 share: its stage, and what to look at afterwards.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "experiments/subjects/notification_2026_08.hpp"
#include "tests/subjects/fake_cluster.hpp"

namespace racebed::experiments::tests::august_2026 {

inline const Json kTwoTries = {{"maxAttempts", 2}, {"initialBackoffSeconds", 30}};

inline void play(Duration duration, const std::function<void(Stage&)>& arrange,
                 const std::function<void(Stage&)>& check) {
  tests::play(notification_2026_08(), duration, arrange, check);
}

/// A replica that finds one notification, in a watch that tells nothing new.
inline void play_frozen(Duration duration, Json object, const std::function<void(Stage&)>& arrange,
                        const std::function<void(Stage&)>& check) {
  play(
      duration,
      [&](Stage& stage) {
        stage.cluster.put("a", std::move(object));
        stage.cluster.watch_frozen = true;
        if (arrange) arrange(stage);
      },
      check);
}

inline models::SlackVerdict refuse(int status, std::string location = {}) {
  models::SlackVerdict verdict;
  verdict.outcome = models::SlackVerdict::Outcome::refuse;
  verdict.status = status;
  verdict.location = std::move(location);
  return verdict;
}

/// An attempt as the controller writes it.
inline Json made(const char* channel, int number, const char* status, const char* timestamp,
                 const char* error = nullptr) {
  Json json = attempt(channel, status, error);
  json["attempt"] = number;
  json["timestamp"] = timestamp;
  return json;
}

/// Reasons of Kubernetes Events, with their counts.
inline std::map<std::string, int> events_of(const Stage& stage) {
  std::map<std::string, int> reasons;
  for (const auto& [path, object] : stage.cluster.objects()) {
    if (path.find("/events/") != std::string::npos)
      reasons[object.at("reason").get<std::string>()] += object.value("count", 1);
  }
  return reasons;
}

inline std::vector<std::string> audited(const Stage& stage) {
  std::vector<std::string> all;
  for (const Json& record : stage.audit)
    all.push_back(record.at("event").get<std::string>() + " " + record.value("channel", ""));
  return all;
}

}  // namespace racebed::experiments::tests::august_2026

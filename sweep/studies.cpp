#include "sweep/studies.hpp"

#include <fmt/format.h>

namespace racebed::sweep {
namespace {

/// A moment at which the leader dies: one of the first twenty of its kind.
std::string moment(const char* what) {
  return fmt::format(R"({{{},"occurrence":{{"min":1,"max":20}}}})", what);
}

std::vector<Study> made() {
  return {
      {"duplicate-window",
       "How does the chance of a second delivery depend on the gap between delete and create, and on how far "
       "the cache lags?",
       {"create-delete-create"},
       {"notification", "notification-2025-11"},
       {{"workload.cycles", "2"}},
       {{"workload.gap", {"0ms", "25ms", "50ms", "100ms", "200ms", "400ms"}},
        // The chance rises within the first milliseconds: a reconcile follows its own write that closely.
        {"world.watch_lag", {"0ms", "1ms", "2ms", "5ms", "50ms", "400ms"}}},
       200},
      {"kill-moment",
       "How does the chance of a second or a lost delivery depend on when the leader dies, and on the "
       "guarantee?",
       {"leader-kill"},
       {"notification"},
       {},
       {{"subject.guarantee", {"at-least-once", "at-most-once", "probe"}},
        {"faults[0].after",
         {moment(R"("event":"user-created")"),
          moment(R"("event":"committed","resource":"notificationrequests","operation":"status")"),
          moment(R"("event":"requested","channel":"slack")"),
          moment(R"("event":"delivered","channel":"slack")"), moment(R"("event":"answered")"),
          moment(R"("event":"committed","change":{"path":"/status/phase","to":"Sent"})")}}},
       200},
      {"load",
       "How do latency, memory and connections depend on how many notifications come at once?",
       {"load-100-console", "load-100-slack", "load-100-mixed"},
       {"notification"},
       {},
       {{"workload.count", {"10", "30", "100", "300"}}},
       60},
  };
}

}  // namespace

const std::vector<Study>& studies() {
  static const std::vector<Study> kStudies = made();
  return kStudies;
}

const Study& study_named(const std::string& name) {
  std::string known;
  for (const Study& study : studies()) {
    if (study.name == name) return study;
    known += (known.empty() ? "" : ", ") + study.name;
  }
  throw experiments::InputError(fmt::format("unknown study \"{}\", expected one of {}", name, known));
}

}  // namespace racebed::sweep

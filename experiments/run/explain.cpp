#include "experiments/run/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "faults/leader.hpp"
#include "models/sinks/token.hpp"

namespace racebed::experiments {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

std::string short_uid(const std::string& uid) {
  return uid.substr(0, 8);
}

std::string attempts_text(const models::Json& object) {
  std::map<std::string, int> counts;
  for (const models::Json& attempt : attempts_of(object)) {
    ++counts[fmt::format("{} {}", attempt.value("channel", "?"), attempt.value("status", "?"))];
  }
  std::string text;
  for (const auto& [what, count] : counts)
    text +=
        fmt::format("{}{}{}", text.empty() ? "" : ", ", what, count > 1 ? fmt::format(" x{}", count) : "");
  return text.empty() ? "no attempts" : text;
}

std::string describe_commit(const models::Committed& commit) {
  const std::string which = fmt::format("{} (uid {})", commit.object.name, short_uid(commit.object.uid));
  using Operation = models::Committed::Operation;
  if (commit.object.resource == "leases") {
    const std::string holder =
        commit.after ? commit.after->value(models::Json::json_pointer("/spec/holderIdentity"), "") : "";
    return holder.empty() ? "gives the lease back" : fmt::format("holds the lease as {}", holder);
  }
  switch (commit.operation) {
    case Operation::create:
      return fmt::format("the store has {}, revision {}", which, commit.revision);
    case Operation::remove:
      return fmt::format("{} is gone from the store, revision {}", which, commit.revision);
    case Operation::mark_deleted:
      return fmt::format("{} is marked for deletion", which);
    case Operation::update:
      return fmt::format("updates {}, revision {}", which, commit.revision);
    case Operation::status:
      return fmt::format("status of uid {}: {} -> {}; {}", short_uid(commit.object.uid),
                         phase_of(*commit.before).empty() ? "\"\"" : phase_of(*commit.before),
                         phase_of(*commit.after), attempts_text(*commit.after));
  }
  return which;
}

/// How much a fact tells about a violation; 0: nothing.
int relevance(const models::Fact& fact, const Violation& violation, const std::string& name,
              const std::set<std::string>& tokens) {
  if (std::find(violation.facts.begin(), violation.facts.end(), fact.number) != violation.facts.end())
    return 100;
  return std::visit(
      Overloaded{
          [](const models::FaultFired&) { return 90; },
          [](const models::FaultLifted&) { return 25; },
          [&](const models::Vanished& f) { return f.token == violation.token ? 85 : 0; },
          [&](const models::ProcessEvent& f) {
            using What = models::ProcessEvent::What;
            if (!fact.actor.process.starts_with("controller")) return 0;
            return f.what == What::started ? (fact.actor.incarnation > 1 ? 30 : 0) : 80;
          },
          [&](const models::Delivered& f) {
            if (f.token == violation.token && !violation.token.empty()) return 85;
            return tokens.contains(f.token) ? 57 : 0;
          },
          [&](const models::UserCreated& f) {
            return f.token == violation.token ? 20 : f.object.name == name && !name.empty() ? 15 : 0;
          },
          [&](const models::UserDeleted& f) { return f.object.name == name && !name.empty() ? 40 : 0; },
          [&](const models::Committed& f) {
            if (f.object.resource == "leases")
              return f.before && f.after && faults::lease_holder_of(fact)->empty() ? 10 : 0;
            if (f.object.resource != kNotifications) return 0;
            if (f.object.uid == violation.uid)
              return f.operation == models::Committed::Operation::status ? 60 : 50;
            return f.object.name == name && !name.empty() &&
                           f.operation != models::Committed::Operation::status
                       ? 35
                       : 0;
          },
          [&](const models::Refused& f) { return f.object.name == name && !name.empty() ? 12 : 0; },
          [](const models::Answered& f) { return f.status == 0 ? 45 : 0; },
          [](const auto&) { return 0; },
      },
      fact.what);
}

std::string time_text(Duration since) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  return fmt::format("{:>4}.{:06} s", micros / 1'000'000, micros % 1'000'000);
}

}  // namespace

std::string describe(const models::Fact& fact) {
  return std::visit(
      Overloaded{
          [](const models::Committed& f) { return describe_commit(f); },
          [](const models::Refused& f) {
            return fmt::format("{} of {} is refused: {} {}", f.verb, f.object.name, f.status, f.reason);
          },
          [](const models::Observed& f) {
            return f.revision == 0 ? fmt::format("reads that {} is not there", f.object.name)
                                   : fmt::format("reads {} (uid {}) at revision {}", f.object.name,
                                                 short_uid(f.object.uid), f.revision);
          },
          [](const models::UserCreated& f) {
            return fmt::format("knows that it created {} as {} (uid {})", f.object.name, f.token,
                               short_uid(f.object.uid));
          },
          [](const models::UserDeleted& f) {
            return fmt::format("knows that it deleted {}, {} (uid {})", f.object.name, f.token,
                               short_uid(f.object.uid));
          },
          [](const models::Delivered& f) {
            return fmt::format("{} accepts {}{}", f.channel, f.token,
                               f.sender.empty() ? "" : fmt::format(" from {}", f.sender));
          },
          [](const models::Answered& f) {
            return f.status == 0 ? std::string("its answer is lost") : fmt::format("answers {}", f.status);
          },
          [](const models::ConnectionOpened& f) {
            return fmt::format("connection {} to {}: {}", f.connection, f.endpoint, f.tls);
          },
          [](const models::ProcessEvent& f) {
            static constexpr const char* kWhat[] = {"starts", "is killed", "loses its power", "is paused",
                                                    "wakes",  "exits",     "crashes"};
            return fmt::format("{}{}", kWhat[static_cast<int>(f.what)],
                               f.detail.empty() ? "" : ": " + f.detail);
          },
          [](const models::FaultFired& f) { return fmt::format("fault {}: {}", f.fault, f.detail); },
          [](const models::Claimed& f) { return fmt::format("says ({})", f.kind); },
          [](const models::Requested& f) {
            return fmt::format("{} has {}'s request{}", f.channel, f.token,
                               f.sender.empty() ? "" : fmt::format(" from {}", f.sender));
          },
          [](const models::FaultLifted& f) { return fmt::format("{} is over: {}", f.fault, f.detail); },
          [](const models::PhaseBegan& f) { return fmt::format("{} begins", to_text(f.phase)); },
          [](const models::Vanished& f) {
            return fmt::format("what {} had of {} is gone: {}", f.channel, f.token, f.message);
          },
          [](const models::Passed& f) { return fmt::format("{} {}", to_text(f.point), f.object.name); },
      },
      fact.what);
}

std::vector<std::string> cause_chain(const RunResult& run, const Violation& violation) {
  std::string name;
  std::set<std::string> tokens;  // of every incarnation of the name
  for (const models::Fact& fact : run.facts) {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit != nullptr && !violation.uid.empty() && commit->object.uid == violation.uid)
      name = commit->object.name;
  }
  for (const models::Fact& fact : run.facts) {
    const auto* created = std::get_if<models::UserCreated>(&fact.what);
    if (created != nullptr && created->object.name == name && !name.empty()) tokens.insert(created->token);
  }
  struct Told {
    const models::Fact* fact;
    int relevance;
  };
  std::vector<Told> told;
  for (const models::Fact& fact : run.facts) {
    if (fact.time > violation.time) break;
    if (const int r = relevance(fact, violation, name, tokens); r > 0) told.push_back({&fact, r});
  }
  // The most telling ones; of equally telling ones the latest.
  std::stable_sort(told.begin(), told.end(), [](const Told& a, const Told& b) {
    return a.relevance != b.relevance ? a.relevance > b.relevance : a.fact->number > b.fact->number;
  });
  if (told.size() > kChainLinesMax) told.resize(kChainLinesMax);
  std::sort(told.begin(), told.end(),
            [](const Told& a, const Told& b) { return a.fact->number < b.fact->number; });
  std::vector<std::string> lines;
  for (const Told& t : told) {
    lines.push_back(fmt::format("{}  {:<14} {}", time_text(t.fact->time - run.final_state.begin),
                                fmt::format("{}#{}", t.fact->actor.process, t.fact->actor.incarnation),
                                describe(*t.fact)));
  }
  return lines;
}

}  // namespace racebed::experiments

#include "sweep/portrait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "experiments/invariants/metrics_page.hpp"
#include "experiments/run/explain.hpp"
#include "faults/leader.hpp"

namespace racebed::sweep {
namespace {

using evidence::Portrait;
using models::Fact;

constexpr const char* kWorld = "world";
constexpr const char* kApiServer = "API server";
constexpr const char* kSlack = "slack";

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

/// Users first, then controllers, then what they talk to; what is above all of them on top.
int rank_of(const std::string& lane) {
  if (lane == kWorld) return 0;
  if (lane.starts_with("user")) return 1;
  if (lane.starts_with("controller")) return 2;
  return lane == kApiServer ? 3 : lane == kSlack ? 4 : 5;
}

std::string phase_in(const models::JsonPtr& object) {
  if (!object) return "";
  return object->value(nlohmann::json::json_pointer("/status/phase"), "");
}

/// One event or message, and how readily it is left out.
struct Mark {
  std::int64_t at_us = 0;
  bool is_rare = false;
  std::optional<Portrait::Event> event;
  std::optional<Portrait::Message> message;
};

class Drawing {
 public:
  explicit Drawing(Time begin) : begin_(begin) {}

  void take(const Fact& fact) {
    at_us_ = (fact.time - begin_) / std::chrono::microseconds{1};
    actor_ = lane_of(fact.actor.process);
    if (const std::string* holder = faults::lease_holder_of(fact)) return lease(*holder);
    std::visit(
        Overloaded{
            [&](const models::UserCreated& f) { event(actor_, "created", f.object.name); },
            [&](const models::UserDeleted& f) { event(actor_, "deleted", f.object.name); },
            [&](const models::Committed& f) { commit(f); },
            [&](const models::Refused& f) {
              if (f.object.resource == experiments::kNotifications)
                message(actor_, kApiServer, "refused", fmt::format("{} {}", f.object.name, f.status));
            },
            [&](const models::Requested& f) { message(lane_of(f.sender), kSlack, "requested", f.token); },
            [&](const models::Delivered& f) { event(actor_, "accepted", f.channel + " " + f.token); },
            [&](const models::Answered& f) {
              if (f.status == 0)
                event(kSlack, "lost", f.token);
              else
                message(kSlack, lane_of(f.sender), "answered", std::to_string(f.status));
            },
            [&](const models::ConnectionOpened& f) {
              if (!f.tls.empty() && f.tls != "ok") event(kSlack, "refused", f.tls);
            },
            [&](const models::ProcessEvent& f) { life(f); },
            [&](const models::FaultFired& f) { rare(kWorld, "fault", f.fault + ": " + f.detail); },
            [&](const models::FaultLifted& f) { rare(kWorld, "healed", f.fault); },
            [&](const models::PhaseBegan& f) { rare(kWorld, "phase", std::string(to_text(f.phase))); },
            [](const auto&) {},
        },
        fact.what);
  }

  void violated(const experiments::Violation& violation, std::string_view invariant) {
    at_us_ = (violation.time - begin_) / std::chrono::microseconds{1};
    if (!focus_us_ || at_us_ < *focus_us_) focus_us_ = at_us_;
    rare(kWorld, "violated", fmt::format("{}: {}", invariant, violation.what));
  }

  void write(Portrait& portrait) {
    thin();
    std::stable_sort(marks_.begin(), marks_.end(),
                     [](const Mark& a, const Mark& b) { return a.at_us < b.at_us; });
    for (Mark& mark : marks_) {
      if (mark.event) {
        note(portrait, mark.event->lane);
        portrait.events.push_back(std::move(*mark.event));
      } else {
        note(portrait, mark.message->from);
        note(portrait, mark.message->to);
        portrait.messages.push_back(std::move(*mark.message));
      }
    }
    std::sort(portrait.lanes.begin(), portrait.lanes.end(), [](const std::string& a, const std::string& b) {
      return std::make_pair(rank_of(a), a) < std::make_pair(rank_of(b), b);
    });
  }

 private:
  static std::string lane_of(const std::string& process) {
    return process.starts_with("apiserver") ? kApiServer : process.empty() ? kWorld : process;
  }
  static void note(Portrait& portrait, const std::string& lane) {
    if (std::find(portrait.lanes.begin(), portrait.lanes.end(), lane) == portrait.lanes.end())
      portrait.lanes.push_back(lane);
  }

  void event(const std::string& lane, const char* kind, std::string text) {
    marks_.push_back({at_us_, false, Portrait::Event{at_us_, lane, kind, std::move(text)}, {}});
  }
  void rare(const std::string& lane, const char* kind, std::string text) {
    event(lane, kind, std::move(text));
    marks_.back().is_rare = true;
  }
  void message(const std::string& from, const std::string& to, const char* kind, std::string text) {
    if (from == to) return event(from, kind, std::move(text));
    marks_.push_back({at_us_, false, {}, Portrait::Message{at_us_, from, at_us_, to, kind, std::move(text)}});
  }

  void lease(const std::string& holder) {
    if (holder == holder_) return;
    holder_ = holder;
    rare(actor_, "lease", holder.empty() ? "gives it back" : "leads");
  }

  void commit(const models::Committed& commit) {
    if (commit.object.resource != experiments::kNotifications) return;
    using Operation = models::Committed::Operation;
    if (commit.operation == Operation::remove) return event(kApiServer, "removed", commit.object.name);
    if (commit.operation != Operation::status) return;
    const std::string before = phase_in(commit.before);
    const std::string after = phase_in(commit.after);
    const std::string words = before == after ? after : after.empty() ? "" : "→ " + after;
    message(actor_, kApiServer, "committed", fmt::format("{} {}", commit.object.name, words));
  }

  void life(const models::ProcessEvent& event) {
    using What = models::ProcessEvent::What;
    static const std::map<What, const char*> kKinds = {{What::started, "started"},   {What::killed, "killed"},
                                                       {What::power_lost, "killed"}, {What::paused, "paused"},
                                                       {What::resumed, "resumed"},   {What::exited, "ended"},
                                                       {What::crashed, "killed"}};
    rare(actor_, kKinds.at(event.what), event.detail);
  }

  /// The nearest in time to what the run is about stay.
  void thin() {
    if (marks_.size() <= kMarksMax) return;
    const std::int64_t focus = focus_us_.value_or(0);
    std::stable_sort(marks_.begin(), marks_.end(), [&](const Mark& a, const Mark& b) {
      if (a.is_rare != b.is_rare) return a.is_rare;
      return std::abs(a.at_us - focus) < std::abs(b.at_us - focus);
    });
    marks_.resize(kMarksMax);
  }

  Time begin_;
  std::vector<Mark> marks_;
  std::optional<std::int64_t> focus_us_;
  std::string holder_;
  std::int64_t at_us_ = 0;  // of the fact that is taken
  std::string actor_;       // its lane
};

/// What a scraper was shown of breakers, every 15 s.
void add_breakers(const experiments::RunResult& run, Portrait& portrait) {
  std::map<std::string, std::vector<Portrait::Point>> states;
  for (const Fact& fact : run.facts) {
    const auto* claim = std::get_if<models::Claimed>(&fact.what);
    if (claim == nullptr || claim->kind != "metrics") continue;
    const experiments::MetricsPage page(claim->content->value("page", ""));
    const std::int64_t at_us = (fact.time - run.final_state.begin) / std::chrono::microseconds{1};
    for (const auto& sample : page.samples_ending("circuit_breaker_state"))
      states[fact.actor.process].push_back({at_us, sample.value});
  }
  for (auto& [process, points] : states) portrait.series.push_back({"breaker", process, std::move(points)});
}

}  // namespace

void Looks::look(Time now, const sim::Process& process) {
  if (!process.name().starts_with("controller")) return;
  const sim::Accounts accounts = process.accounts();
  const auto add = [&](const char* quantity, std::int64_t value) {
    auto& points = seen_[{std::string(process.name()), quantity}];
    if (points.empty() || points.back().second != value) points.emplace_back(now, value);
  };
  constexpr std::int64_t kBytesStep = 4096;
  add("tasks", accounts.tasks.now);
  add("sockets", accounts.sockets.now);
  add("bytes", accounts.bytes.now / kBytesStep * kBytesStep);
}

std::vector<Portrait::Series> Looks::series(Time begin) const {
  std::vector<Portrait::Series> all;
  for (const auto& [key, points] : seen_) {
    Portrait::Series& one = all.emplace_back(Portrait::Series{key.second, key.first, {}});
    const std::size_t stride = points.size() / kPointsMax + 1;
    for (std::size_t i = 0; i < points.size(); i += stride) {
      const auto first = points.begin() + static_cast<std::ptrdiff_t>(i);
      const auto last = points.begin() + static_cast<std::ptrdiff_t>(std::min(i + stride, points.size()));
      const auto peak =
          std::max_element(first, last, [](const auto& a, const auto& b) { return a.second < b.second; });
      one.points.push_back({(peak->first - begin) / std::chrono::microseconds{1}, peak->second});
    }
  }
  return all;
}

Portrait portrait_of(const experiments::RunResult& run, const Looks& looks) {
  Portrait portrait;
  portrait.length_us = (run.final_state.end - run.final_state.begin) / std::chrono::microseconds{1};
  Drawing drawing(run.final_state.begin);
  for (const Fact& fact : run.facts) drawing.take(fact);
  for (const experiments::Verdict& verdict : run.verdicts) {
    if (verdict.outcome != experiments::Outcome::violated) continue;
    for (const experiments::Violation& violation : verdict.violations)
      drawing.violated(violation, verdict.invariant->id);
  }
  drawing.write(portrait);
  portrait.series = looks.series(run.final_state.begin);
  add_breakers(run, portrait);
  return portrait;
}

Portrait portray(const experiments::Scenario& scenario, const experiments::Subject& subject,
                 std::uint64_t seed) {
  Looks looks;
  experiments::RunSpec spec{scenario, subject, seed};
  spec.look = [&](Time now, const sim::Process& process) { looks.look(now, process); };
  return portrait_of(experiments::execute(std::move(spec)), looks);
}

}  // namespace racebed::sweep

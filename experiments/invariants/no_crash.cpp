#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

using What = models::ProcessEvent::What;

/// What a program writes when something in it went wrong that must not: a panic that was caught, a broken
/// assumption.
constexpr std::array<std::string_view, 5> kPanics = {"panic", "[recovered]", "assertion", "terminate called",
                                                     "bad_alloc"};

/// The dangerous moment: a controller has run to the end of the run, or has ended by itself.
class NoCrash final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    now_ = fact.time;
    if (!is_controller(fact.actor.process)) return;
    if (const auto* claim = std::get_if<models::Claimed>(&fact.what)) {
      if (claim->kind == "exit") reason_[fact.actor.process] = claim->content->value("reason", "");
      return;
    }
    const auto* event = std::get_if<models::ProcessEvent>(&fact.what);
    if (event == nullptr) return;
    if (event->what == What::started) reason_.erase(fact.actor.process);
    if (event->what == What::crashed) {
      reach();
      tell(fact, fmt::format("{} crashed: {}", fact.actor.process, event->detail));
    }
    if (event->what == What::exited) judge_exit(fact);
  }

  void on_log(std::string_view process, std::string_view line) override {
    if (!is_controller(std::string(process))) return;
    for (const std::string_view word : kPanics) {
      // The text of a notification is no word of the program's.
      if (line.find(word) == std::string_view::npos || line.find("[token:") != std::string_view::npos)
        continue;
      if (!told_.insert(std::string(process) + "/" + std::string(word)).second) return;
      violate(nullptr, now_, {}, fmt::format("{} logs: {}", process, line.substr(0, 200)));
      return;
    }
  }

  void at_end(const FinalState& state) override {
    for (const ProcessAccount& account : state.processes) {
      if (is_controller(account.process) && account.state == "running") reach();
    }
  }

 private:
  /// A process may end when it is asked to or when it has lost its lease, and both are a fault's doing.
  void judge_exit(const models::Fact& fact) {
    reach();
    const auto reason = reason_.find(fact.actor.process);
    const std::string why = reason == reason_.end() ? "" : reason->second;
    if (!lives_.calm(fact.time - std::chrono::minutes{2}, fact.time)) return;
    tell(fact, fmt::format("{} ended by itself ({}), and no fault is behind it", fact.actor.process,
                           why.empty() ? "for no reason that it gives" : why));
  }

  void tell(const models::Fact& fact, std::string what) {
    violate(nullptr, fact.time, {fact.number}, std::move(what));
  }

  Lives lives_;
  Time now_;
  std::map<std::string, std::string> reason_;  // by process: why its life says that it ends
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kNoCrash = {"no-crash",
                                "No controller crashes, and none ends by itself without a fault behind it.",
                                "process events and log lines", Duration{0}, make_invariant<NoCrash>};

}  // namespace racebed::experiments

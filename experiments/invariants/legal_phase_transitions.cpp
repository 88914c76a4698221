#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

using Edge = std::pair<std::string_view, std::string_view>;
/// notification.md A2. Staying in a phase is no transition; terminal phases have no way out.
constexpr std::array<Edge, 9> kLegal = {{{"", "Pending"},
                                         {"Pending", "Sending"},
                                         {"Sending", "Sent"},
                                         {"Sending", "Retrying"},
                                         {"Sending", "PartiallySent"},
                                         {"Sending", "Failed"},
                                         {"Retrying", "Sent"},
                                         {"Retrying", "PartiallySent"},
                                         {"Retrying", "Failed"}}};

/// The dangerous moment: a phase changes.
class LegalPhaseTransitions final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->operation != models::Committed::Operation::status ||
        commit->object.resource != kNotifications)
      return;
    const std::string from = phase_of(*commit->before);
    const std::string to = phase_of(*commit->after);
    if (from == to) return;
    reach();
    for (const Edge& edge : kLegal) {
      if (edge.first == from && edge.second == to) return;
    }
    Violation violation;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    violation.what = fmt::format("{} went from phase {} to {}",
                                 incarnation != nullptr ? incarnation->token : commit->object.name,
                                 from.empty() ? "\"\"" : from, to.empty() ? "\"\"" : to);
    violation.time = fact.time;
    violation.uid = commit->object.uid;
    if (incarnation != nullptr) violation.token = incarnation->token;
    violation.facts = {fact.number};
    violate(std::move(violation));
  }
};

}  // namespace

const InvariantInfo kLegalPhaseTransitions = {
    "legal-phase-transitions",
    "Phases change only along the edges of the specification; terminal ones never.", "status commits",
    Duration{0}, make_invariant<LegalPhaseTransitions>};

}  // namespace racebed::experiments

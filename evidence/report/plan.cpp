#include "evidence/report/plan.hpp"

#include <algorithm>

namespace racebed::evidence {
namespace {

/// "risk assessment 1" is named in "…; risk assessment 1", and not in "risk assessment 12".
bool names(const std::string& source, const std::string& what) {
  for (std::size_t at = source.find(what); at != std::string::npos; at = source.find(what, at + 1)) {
    const std::size_t end = at + what.size();
    if (end == source.size() || source[end] < '0' || source[end] > '9') return true;
  }
  return false;
}

using Ids = std::vector<std::string>;

// Invariants that decide whether a risk came true, for the kinds of risks that there are.
const Ids kGone = {"no-delivery-after-delete", "no-orphans", "no-cross-incarnation-status"};
const Ids kNet = {"no-lost-notification", "no-duplicate-delivery", "backoff-respected",
                  "channels-independent"};
const Ids kSlow = {"no-duplicate-delivery", "status-truthful", "attempts-within-policy"};
const Ids kDeath = {"no-duplicate-delivery", "no-lost-notification", "single-effective-leader",
                    "failover-within"};
const Ids kLoad = {"no-lost-notification", "memory-bounded", "queue-bounded", "connections-reused",
                   "resources-return-to-baseline"};
const Ids kTls = {"tls-error-named-in-status", "no-payload-to-untrusted-peer", "breaker-opens-and-recovers",
                  "channels-independent"};
const Ids kAgain = {"no-duplicate-delivery", "no-cross-incarnation-status", "status-truthful",
                    "legal-phase-transitions"};

struct Row {
  const char *what, *likelihood, *impact, *level;
  Ids invariants;
};

/// The 29, in the order of their numbers.
std::vector<Row> rows_of_assessment() {
  return {{"Deletion is marked while a finalizer holds the object", "low", "medium", "low", kGone},
          {"The object goes while an audit record is written",
           "medium",
           "low",
           "low",
           {"audit-exactly-once", "no-delivery-after-delete"}},
          {"The object goes while its channel's breaker is open", "low", "low", "low", kGone},
          {"The object goes between the read and the status write", "medium", "low", "low", kGone},
          {"The object goes with a status near 1 MiB", "very low", "low", "low", kGone},
          {"Create, delete, create of one name", "low", "medium", "medium", kAgain},
          {"Several clients delete at once", "very low", "low", "low", kGone},
          {"A delete races admission", "very low", "low", "low", kGone},
          {"Ten and more writers of one status",
           "medium",
           "medium",
           "medium",
           {"no-lost-attempt-record", "no-hot-loop", "foreign-fields-survive"}},
          {"Reconciles less than 100 ms apart",
           "medium",
           "low",
           "low",
           {"no-duplicate-delivery", "no-hot-loop", "backoff-respected"}},
          {"The controller dies in a reconcile and starts again",
           "low",
           "low",
           "low",
           {"no-duplicate-delivery", "no-lost-notification", "status-truthful"}},
          {"The lease changes hands during a delivery", "very low", "medium", "medium", kDeath},
          {"The first read finds the object, the second does not", "medium", "low", "low", kGone},
          {"The status write meets NotFound, or a new incarnation",
           "medium",
           "low",
           "low",
           {"no-cross-incarnation-status", "no-orphans"}},
          {"A message is about to go when the deletion commits", "low", "low", "low", kGone},
          {"Two controllers delete", "very low", "low", "low", kGone},
          {"No connection for 5 s", "medium", "low", "low", kNet},
          {"No connection for 30 s", "low", "medium", "low", kNet},
          {"The name is not resolved", "low", "medium", "low", kNet},
          {"The connection is refused", "medium", "low", "low", kNet},
          {"The certificate is for another host", "very low", "high", "medium", kTls},
          {"The network is unreachable", "low", "medium", "low", kNet},
          {"Headers come, the body does not", "low", "low", "low", kSlow},
          {"503 with Retry-After",
           "medium",
           "low",
           "low",
           {"backoff-respected", "attempts-within-policy", "no-lost-notification"}},
          {"Slack answers after 5 s", "medium", "low", "low", kSlow},
          {"Slack answers after 30 s", "low", "medium", "low", kSlow},
          {"Memory at 100 notifications",
           "low",
           "medium",
           "medium",
           {"memory-bounded", "resources-return-to-baseline"}},
          {"Slack is down for 30 to 60 minutes",
           "low",
           "medium",
           "medium",
           {"no-lost-notification", "queue-bounded", "memory-bounded", "breaker-opens-and-recovers"}},
          {"Descriptors leak over thousands of failed connections",
           "very low",
           "high",
           "low",
           {"resources-return-to-baseline"}}};
}

std::vector<PlannedRisk> made() {
  std::vector<PlannedRisk> risks = {
      {"A1", "100 notifications created at once", "low", "medium", "medium", "staging plan A (load", kLoad},
      {"A2", "Create, delete, create of one name", "low", "medium", "medium", "staging plan A (create-delete",
       kAgain},
      {"A3", "Slack presents a broken certificate", "very low", "high", "medium", "staging plan A (tls",
       kTls},
      {"A4", "The leader is killed during delivery", "very low", "medium", "medium", "staging plan A (leader",
       kDeath}};
  int number = 0;
  for (const Row& row : rows_of_assessment()) {
    const std::string text = std::to_string(++number);
    risks.push_back(
        {text, row.what, row.likelihood, row.impact, row.level, "risk assessment " + text, row.invariants});
  }
  return risks;
}

}  // namespace

const std::vector<PlannedRisk>& planned_risks() {
  static const std::vector<PlannedRisk> kRisks = made();
  return kRisks;
}

std::vector<const CellSummary*> cells_of(const Material& material, const PlannedRisk& risk) {
  std::vector<const CellSummary*> found;
  for (const CellSummary* cell : judged_cells(material)) {
    if (cell->cell.settings.empty() && names(cell->cell.source, risk.source)) found.push_back(cell);
  }
  return found;
}

bool is_planned(const std::string& source) {
  const auto& risks = planned_risks();
  return std::any_of(risks.begin(), risks.end(),
                     [&](const PlannedRisk& risk) { return names(source, risk.source); });
}

}  // namespace racebed::evidence

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

std::vector<PlannedRisk> made() {
  std::vector<PlannedRisk> risks = {
      {"A1", "100 notifications created at once", "low", "medium", "medium", "staging plan A (load"},
      {"A2", "Create, delete, create of one name", "low", "medium", "medium",
       "staging plan A (create-delete"},
      {"A3", "Slack presents a broken certificate", "very low", "high", "medium", "staging plan A (tls"},
      {"A4", "The leader is killed during delivery", "very low", "medium", "medium",
       "staging plan A (leader"}};
  struct Row {
    const char *what, *likelihood, *impact, *level;
  };
  const Row rows[] = {{"Deletion is marked while a finalizer holds the object", "low", "medium", "low"},
                      {"The object goes while an audit record is written", "medium", "low", "low"},
                      {"The object goes while its channel's breaker is open", "low", "low", "low"},
                      {"The object goes between the read and the status write", "medium", "low", "low"},
                      {"The object goes with a status near 1 MiB", "very low", "low", "low"},
                      {"Create, delete, create of one name", "low", "medium", "medium"},
                      {"Several clients delete at once", "very low", "low", "low"},
                      {"A delete races admission", "very low", "low", "low"},
                      {"Ten and more writers of one status", "medium", "medium", "medium"},
                      {"Reconciles less than 100 ms apart", "medium", "low", "low"},
                      {"The controller dies in a reconcile and starts again", "low", "low", "low"},
                      {"The lease changes hands during a delivery", "very low", "medium", "medium"},
                      {"The first read finds the object, the second does not", "medium", "low", "low"},
                      {"The status write meets NotFound, or a new incarnation", "medium", "low", "low"},
                      {"A message is about to go when the deletion commits", "low", "low", "low"},
                      {"Two controllers delete", "very low", "low", "low"},
                      {"No connection for 5 s", "medium", "low", "low"},
                      {"No connection for 30 s", "low", "medium", "low"},
                      {"The name is not resolved", "low", "medium", "low"},
                      {"The connection is refused", "medium", "low", "low"},
                      {"The certificate is for another host", "very low", "high", "medium"},
                      {"The network is unreachable", "low", "medium", "low"},
                      {"Headers come, the body does not", "low", "low", "low"},
                      {"503 with Retry-After", "medium", "low", "low"},
                      {"Slack answers after 5 s", "medium", "low", "low"},
                      {"Slack answers after 30 s", "low", "medium", "low"},
                      {"Memory at 100 notifications", "low", "medium", "medium"},
                      {"Slack is down for 30 to 60 minutes", "low", "medium", "medium"},
                      {"Descriptors leak over thousands of failed connections", "very low", "high", "low"}};
  int number = 0;
  for (const Row& row : rows) {
    const std::string text = std::to_string(++number);
    risks.push_back({text, row.what, row.likelihood, row.impact, row.level, "risk assessment " + text});
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
    if (names(cell->cell.source, risk.source)) found.push_back(cell);
  }
  return found;
}

bool is_planned(const std::string& source) {
  const auto& risks = planned_risks();
  return std::any_of(risks.begin(), risks.end(),
                     [&](const PlannedRisk& risk) { return names(source, risk.source); });
}

}  // namespace racebed::evidence

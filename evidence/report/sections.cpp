#include "evidence/report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "evidence/report/sums.hpp"

namespace racebed::evidence {

Document begun(const std::string& title, const Material& material) {
  Document page{title, {}};
  page.paragraph(fmt::format(
      "Subject {}, judged by racebed {} in simulated worlds. Every number comes from a database of runs; "
      "every run is a pure function of scenario, subject and seed, and the command beside it brings it back.",
      material.subject, material.program.empty() ? "of unknown version" : material.program));
  return page;
}

void add_verdict(Document& page, const Material& material) {
  const std::vector<Finding> found = verdict(material);
  const auto failing =
      std::count_if(found.begin(), found.end(), [](const Finding& finding) { return !finding.holds; });
  if (failing == 0) {
    page.notice(Mood::good, fmt::format("READY: all {} rules hold.", found.size()));
    return;
  }
  page.notice(Mood::bad, fmt::format("NOT READY: {} of {} rules do not hold.", failing, found.size()));
  page.paragraph("What to look at:");
  for (const Finding& finding : found) {
    if (finding.holds) continue;
    page.paragraph(finding.rule + ": " + finding.number + ".");
    if (!finding.command.empty()) page.code(finding.command);
  }
}

void add_rules(Document& page, const Material& material) {
  page.heading(2, "The rules of the verdict");
  Table table{
      "The subject is ready when all of these hold. A rate's interval is exact (Clopper and Pearson).",
      {"rule", "holds", "found", "to see one"},
      {},
      {Column::text, Column::text, Column::text, Column::code}};
  for (const Finding& finding : verdict(material))
    table.rows.push_back({finding.rule, finding.holds ? "yes" : "NO", finding.number, finding.command});
  page.table(std::move(table));
}

void add_invariants(Document& page, const Material& material) {
  page.heading(2, "Invariants");
  Table table{
      "How often each was put to the test, and failed. A run that did not reach its moment says nothing; "
      "what the subject's declared guarantee allows is counted apart.",
      {"invariant", "what must hold", "reached", "allowed", "violated", "to see one"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::text, Column::code}};
  for (const InvariantName& name : material.invariants) {
    const InvariantSum sum = sum_of_invariant(judged_cells(material), name.id);
    table.rows.push_back({name.id, name.sentence, std::to_string(sum.reached), std::to_string(sum.allowed),
                          rate_text(sum.violated, sum.reached), sum.command});
  }
  page.table(std::move(table));
}

void add_figures(Document& page, const Gallery& gallery, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    const auto picture =
        std::find_if(gallery.begin(), gallery.end(), [&](const Picture& one) { return one.id == id; });
    if (picture != gallery.end()) page.picture(*picture);
  }
}

}  // namespace racebed::evidence

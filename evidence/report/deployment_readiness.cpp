#include "evidence/report/criteria.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/rules.hpp"
#include "evidence/report/sections.hpp"
#include "evidence/report/sums.hpp"

namespace racebed::evidence {
namespace {

void add_invariant_list(Document& page, const Material& material) {
  page.heading(2, "What must hold in every run");
  Table table{"",
              {"holds", "invariant", "what must hold", "violated", "to see one"},
              {},
              {Column::text, Column::text, Column::text, Column::text, Column::code}};
  for (const InvariantName& name : material.invariants) {
    const InvariantSum sum = sum_of_invariant(judged_cells(material), name.id);
    table.rows.push_back({sum.violated > 0  ? "NO"
                          : sum.reached > 0 ? "yes"
                                            : "not put to the test",
                          name.id, name.sentence, rate_text(sum.violated, sum.reached), sum.command});
  }
  page.table(std::move(table));
}

void add_plan_list(Document& page, const Material& material) {
  page.heading(2, "What the staging plan asks");
  Table table{"",
              {"holds", "criterion", "measured", "to see it"},
              {},
              {Column::text, Column::text, Column::text, Column::code}};
  for (const Criterion& one : criteria(material))
    table.rows.push_back({to_text(one.holds), one.part + ": " + one.asked, one.measured, one.command});
  page.table(std::move(table));
}

/// What no run can prove; a person ticks it off.
void add_hand_list(Document& page) {
  page.heading(2, "What no run here can prove");
  Table table{"To be ticked off by hand before a deployment; docs/claims.md says why.", {"", "what"}, {}};
  for (const char* what :
       {"The secrets (webhook, token) are in the cluster, and the controller may read them.",
        "The trust roots that it is given are those of the real Slack.",
        "The lease's times fit the cluster: its API server answers within the renew deadline.",
        "The alerts of docs/alerts are loaded, and somebody is woken by them.",
        "The way back was tried: the version before reads what this one writes."})
    table.rows.push_back({"☐", what});
  page.table(std::move(table));
}

}  // namespace

Document deployment_readiness(const Material& material, const Gallery& gallery) {
  Document page = begun("Deployment readiness", material);
  add_verdict(page, material);
  page.contents();
  add_rules(page, material);
  add_plan_list(page, material);
  add_invariant_list(page, material);
  add_hand_list(page);
  page.heading(2, "Figures");
  add_figures(page, gallery, {"discovery", "trend"});
  return page;
}

}  // namespace racebed::evidence

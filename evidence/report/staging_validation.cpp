#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/criteria.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/sections.hpp"

namespace racebed::evidence {
namespace {

std::string count_of(const std::vector<Criterion>& all, Holds holds) {
  return std::to_string(
      std::count_if(all.begin(), all.end(), [&](const Criterion& one) { return one.holds == holds; }));
}

void add_criteria(Document& page, const std::vector<Criterion>& all) {
  for (std::size_t from = 0; from < all.size();) {
    const std::string& part = all[from].part;
    page.heading(2, part);
    Table table{"",
                {"asked", "holds", "measured", "reported by hand", "to see it"},
                {},
                {Column::text, Column::text, Column::text, Column::text, Column::code}};
    for (; from < all.size() && all[from].part == part; ++from) {
      const Criterion& one = all[from];
      table.rows.push_back({one.asked, to_text(one.holds), one.measured,
                            one.by_hand.empty() ? "-" : one.by_hand, one.command});
    }
    page.table(std::move(table));
  }
}

}  // namespace

Document staging_validation(const Material& material, const Gallery& gallery) {
  Document page = begun("Staging validation: results", material);
  const std::vector<Criterion> all = criteria(material);
  const bool holds =
      std::all_of(all.begin(), all.end(), [](const Criterion& one) { return one.holds == Holds::yes; });
  page.notice(holds ? Mood::good : Mood::bad,
              fmt::format("{} of the plan's {} criteria hold, {} do not, {} were not measured.",
                          count_of(all, Holds::yes), all.size(), count_of(all, Holds::no),
                          count_of(all, Holds::not_measured)));
  page.paragraph(
      "The plan wanted the confidence raised from 85 % to 95 %; the project reported 93 % "
      "afterwards, by judgement. Here a criterion carries its "
      "number of runs instead, and a rate its exact 95 % interval. Memory is what the simulated "
      "controller's own code allocates, and tasks are its coroutines: "
      "they compare with goroutines in kind, not one to one.");
  page.contents();
  add_criteria(page, all);
  page.heading(2, "Figures");
  add_figures(page, gallery, {"latency", "latency-against-load", "resources", "connections", "failover"});
  return page;
}

}  // namespace racebed::evidence

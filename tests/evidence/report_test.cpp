#include <catch2/catch.hpp>

#include "evidence/report/document.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/rules.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace racebed::evidence;
using Catch::Matchers::Contains;
using racebed::tests::TemporaryFolder;

namespace {

Document sample() {
  Document page{"A <page> & more", {}};
  page.blocks.emplace_back(Heading{2, "Rates"});
  page.blocks.emplace_back(Notice{Mood::bad, "NOT READY"});
  page.blocks.emplace_back(
      Table{"What to see.", {"name", "n"}, {{"a|b", "3"}}, {Column::text, Column::number}});
  page.blocks.emplace_back(Code{"racebed run \"x\""});
  return page;
}

CellSummary cell_of(std::uint64_t runs, std::uint64_t violated, const std::string& level = "low") {
  CellSummary cell;
  cell.cell.scenario = "calm";
  cell.cell.subject = "core";
  cell.cell.level = level;
  cell.cell.moment = "it happens";
  cell.runs = cell.reached = runs;
  cell.violated = violated;
  return cell;
}

CellSummary canary(std::uint64_t runs, std::uint64_t caught) {
  CellSummary cell = cell_of(runs, caught);
  cell.caught = caught;
  cell.cell.is_canary = true;
  return cell;
}

}  // namespace

TEST_CASE("a document as Markdown") {
  CHECK(to_markdown(sample()) ==
        "# A <page> & more\n\n## Rates\n\n**NOT READY**\n\nWhat to see.\n\n| name | n |\n|---|---:|\n"
        "| a\\|b | 3 |\n\n```\nracebed run \"x\"\n```\n\n");
}

TEST_CASE("a document as a page that needs nothing else, and whose text is text") {
  const std::string html = to_html(sample());
  CHECK_THAT(html, Contains("<title>A &lt;page&gt; &amp; more</title>") &&
                       Contains("<td class=\"n\" data-is=\"n\">3</td>") &&
                       Contains("class=\"notice bad\">NOT READY") && Contains("racebed run &quot;x&quot;"));
  for (const char* foreign : {"http:", "https:", "<script", "<link", "src="})
    CHECK(html.find(foreign) == std::string::npos);
}

TEST_CASE(
    "a picture stands in a page whole, and is a link in Markdown; without one, words say what is missing") {
  Document page{"P", {}};
  page.contents();
  page.heading(2, "Figures: all");
  page.picture(
      {"latency", "How late", "What to see.", "<svg></svg>", "", {"scripts/racebed run x --seed 0"}});
  page.picture({"trend", "Trend", "", "", "No night is there.", {}});
  CHECK_THAT(to_html(page), Contains("<a href=\"#figures-all\">") && Contains("<figure id=\"latency\">") &&
                                Contains("<svg></svg><figcaption>What to see.") &&
                                Contains("scripts/racebed run x <i>--seed</i> 0") &&
                                Contains("<p class=\"missing\">No night is there.</p>"));
  CHECK_THAT(to_markdown(page), Contains("- [Figures: all](#figures-all)") &&
                                    Contains("  - [How late](#how-late)") &&
                                    Contains("![How late](figures/latency.svg)\n\nWhat to see.") &&
                                    Contains("*No night is there.*"));
}

TEST_CASE("the verdict follows from the numbers, rule by rule") {
  struct Row {
    const char* what;
    std::vector<CellSummary> cells;
    const char* fails;  // part of the rule; empty: ready
  };
  CellSummary seldom = cell_of(100, 0);
  seldom.reached = 94;
  CellSummary study = seldom;
  study.cell.settings = " --set workload.count=10";
  CellSummary broken = cell_of(100, 1);
  broken.broken = 1;
  for (const Row& row :
       {Row{"all is well", {cell_of(59, 0), canary(10, 10)}, ""},
        Row{"one violation", {cell_of(5000, 1), canary(10, 10)}, "No invariant"},
        Row{"the canary lives", {cell_of(59, 0), canary(10, 9)}, "canary"},
        Row{"no canary", {cell_of(59, 0)}, "canary"},
        Row{"a moment seldom reached", {seldom, canary(1, 1)}, "dangerous moment"},
        Row{"a moment seldom reached in another world, a study's", {cell_of(59, 0), study, canary(1, 1)}, ""},
        Row{"too few runs for its risk", {cell_of(298, 0, "high"), canary(1, 1)}, "risk asks"},
        Row{"a run that did not end", {broken, canary(1, 1)}, "came to its end"},
        Row{"nothing", {canary(1, 1)}, "Something was run"}}) {
    INFO(row.what);
    const std::vector<Finding> found = findings(row.cells, "core");
    CHECK(is_ready(found) == (*row.fails == '\0'));
    const bool said = std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
      return !finding.holds && finding.rule.find(row.fails) != std::string::npos;
    });
    CHECK(said == (*row.fails != '\0'));
  }
}

TEST_CASE("rates are told with what they prove") {
  CHECK(rate_text(0, 400) == "0 of 400 (95 %: at most 0.75 %)");
  CHECK(rate_text(3, 400) == "3 of 400 (95 %: 0.15 % to 2.18 %)");
  CHECK(rate_text(0, 0) == "0 of 0 (95 %: at most 100.00 %)");
}

TEST_CASE("the same database gives the same pages, whatever order it was filled in") {
  const TemporaryFolder folder;
  const auto pages = [&](const std::string& name, const std::vector<std::uint64_t>& seeds) {
    Database database(folder.path() + "/" + name, Database::Mode::write);
    database.set_invariants({{"no-lost", "Nothing is lost."}});
    database.set_program("1.0");
    for (const std::uint64_t seed : seeds) {
      Run run;
      run.cell = database.cell(cell_of(0, 0).cell).id;
      run.seed = seed;
      run.moments = 1;
      run.outcomes = {seed == 3 ? Outcome::violated : Outcome::held};
      if (seed == 3) run.violations = {{"no-lost", "n-3 is lost", "# is lost", 1}};
      run.measures = {{"latency_p50_us", static_cast<std::int64_t>(1000 * seed)}};
      database.add({run}, {"1.0", "2026-01-01T00:00:00Z"});
    }
    const Material material(database, "core");
    std::string text;
    for (const Document& page : {report_page(material, {}), risk_assessment(material, {}),
                                 staging_validation(material, {}), deployment_readiness(material, {})})
      text += to_html(page) + to_markdown(page);
    return text;
  };
  const std::string one = pages("one.db", {1, 2, 3, 4});
  CHECK(one == pages("two.db", {4, 3, 1, 2}));
  CHECK_THAT(one, Contains("scripts/racebed run calm --subject core --seed 3") && Contains("n-3 is lost") &&
                      Contains("1 of 4 (95 %: 0.63 % to 80.59 %)"));
}

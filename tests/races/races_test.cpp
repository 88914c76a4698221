// The stories of docs/races.md: each still comes back from its seed, and the real core does not have it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "experiments/run/run.hpp"
#include "tests/races/stories.hpp"

using namespace racebed::experiments;
using racebed::tests::Claim;
using racebed::tests::read_stories;
using racebed::tests::Story;

namespace {

const std::string kIndex = RACEBED_SOURCE_DIR "/docs/races.md";

const Verdict& verdict_of(const RunResult& run, const std::string& invariant) {
  const auto found = std::find_if(run.verdicts.begin(), run.verdicts.end(),
                                  [&](const Verdict& verdict) { return verdict.invariant->id == invariant; });
  REQUIRE(found != run.verdicts.end());
  return *found;
}

RunResult run_of(const Story& story, const std::string& subject) {
  const Scenario loaded = load_scenario(story.scenario, story.settings);
  const Subject* found = find_subject(subject);
  REQUIRE(found != nullptr);
  return execute({loaded, *found, story.seed});
}

/// Whether some violation says so, and what the first says.
bool says(const Verdict& verdict, const std::string& words) {
  return std::any_of(verdict.violations.begin(), verdict.violations.end(), [&](const Violation& violation) {
    return violation.what.find(words) != std::string::npos;
  });
}

void check(const Story& story, const RunResult& run) {
  for (const Claim& claim : story.claims) {
    const Verdict& verdict = verdict_of(run, claim.invariant);
    CAPTURE(claim.invariant, claim.words);
    switch (story.verdict) {
      case Story::Verdict::violated:
        CHECK(verdict.outcome == Outcome::violated);
        CHECK(says(verdict, claim.words));
        break;
      case Story::Verdict::held:
        CHECK(verdict.outcome == Outcome::held);
        break;
      case Story::Verdict::allowed:
        CHECK(verdict.outcome == Outcome::allowed);
        break;
    }
  }
}

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("each story comes back from its seed, in the words that are told of it") {
  const std::vector<Story> stories = read_stories();
  REQUIRE(stories.size() > 50);
  for (const Story& story : stories) {
    INFO(story.file << ": " << story.title << "\nto see it: " << story.command());
    const RunResult run = run_of(story, story.subject);
    check(story, run);
    CHECK(run.hash == run_of(story, story.subject).hash);
  }
}

TEST_CASE("the real core, in the same scenario with the same seed, has none of them") {
  for (const Story& story : read_stories()) {
    if (story.subject == "notification" && story.verdict == Story::Verdict::allowed) continue;
    INFO(story.file << ": " << story.title << "\nto see it: scripts/racebed run " << story.scenario
                    << " --seed " << story.seed);
    const RunResult run = run_of(story, "notification");
    CHECK_FALSE(run.violated());
  }
}

TEST_CASE("no two stories are of the same violation") {
  std::vector<std::string> told;
  for (const Story& story : read_stories()) {
    INFO(story.title);
    const std::string what = story.command() + story.claims.front().invariant + story.claims.front().words;
    CHECK(std::find(told.begin(), told.end(), what) == told.end());
    told.push_back(what);
  }
}

TEST_CASE("docs/races.md lists every story") {
  const std::string begin = "<!-- contents -->\n";
  const std::string end = "<!-- end of contents -->";
  std::string page = text_of(kIndex);
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::string contents = contents_of(read_stories());
  std::string now = page;
  now.replace(from + begin.size(), to - from - begin.size(), contents);
  if (std::getenv("RACEBED_BLESS") != nullptr) std::ofstream(kIndex, std::ios::binary) << now;
  CHECK(text_of(kIndex) == now);
}

TEST_CASE("the leader that dies after Slack's acceptance: what each guarantee makes of it") {
  struct Row {
    const char* guarantee;
    Outcome duplicate;
  };
  for (const Row& row : {Row{"at-least-once", Outcome::allowed}, Row{"probe", Outcome::held},
                         Row{"at-most-once", Outcome::held}}) {
    CAPTURE(row.guarantee);
    const Scenario scenario = load_scenario("leader-kill", {{"subject.guarantee", row.guarantee}});
    const RunResult run = execute({scenario, *find_subject("notification"), 3});
    CHECK(verdict_of(run, "no-duplicate-delivery").outcome == row.duplicate);
    CHECK(verdict_of(run, "no-lost-notification").outcome == Outcome::held);
    CHECK(verdict_of(run, "failover-within").outcome == Outcome::held);
    CHECK_FALSE(run.violated());
  }
}

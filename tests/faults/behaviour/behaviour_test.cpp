// Each fault does what the catalogue says of it: seen from outside, in a small run of the real core, beside
// the same run without it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "faults/catalogue/catalogue.hpp"
#include "tests/faults/behaviour/account.hpp"
#include "tests/faults/behaviour/behaviours.hpp"

namespace racebed::tests {
namespace {

using experiments::execute;
using experiments::Scenario;
using experiments::Setting;

const std::string kPage = RACEBED_SOURCE_DIR "/docs/faults.md";

struct Seen {
  Account account;
  sim::RunHash hash;
};

Seen run_of(const std::vector<Setting>& settings) {
  std::vector<std::string> log;
  const Scenario scenario = experiments::load_scenario("happy-path", settings);
  const experiments::RunResult run =
      execute({.scenario = scenario,
               .subject = *experiments::find_subject("notification"),
               .seed = 1,
               .log = [&](std::string_view, std::string_view line) { log.emplace_back(line); }});
  return {Account(run, log), run.hash};
}

/// Many rows have the same calm run.
const Seen& calm_of(const Behaviour& behaviour) {
  static std::map<std::vector<Setting>, Seen> known;
  const auto found = known.find(behaviour.calm);
  if (found != known.end()) return found->second;
  return known.emplace(behaviour.calm, run_of(behaviour.calm)).first->second;
}

std::string text_of(const Account& account) {
  std::string text;
  for (const std::string& line : account.lines()) text += "  " + line + "\n";
  return text;
}

/// What a run shows that the calm one does not, and the other way round.
std::string difference(const Account& calm, const Account& faulty) {
  std::string text;
  const auto has_line = [](const Account& account, const std::string& line) {
    return std::find(account.lines().begin(), account.lines().end(), line) != account.lines().end();
  };
  for (const std::string& line : faulty.lines()) {
    if (!has_line(calm, line)) text += "    + " + line + "\n";
  }
  for (const std::string& line : calm.lines()) {
    if (!has_line(faulty, line)) text += "    - " + line + "\n";
  }
  return text;
}

std::string page() {
  std::ostringstream out;
  out << R"(# The faults, and what each shows

For each fault of the catalogue (`racebed list --faults`), and for each word that it can be set to: what a small run of the real core shows
with it and not without it (+), and without it and not with it (-), seen from outside. `scripts/test faults` checks it against
`tests/faults/behaviour/behaviours.json`; `scripts/test --bless faults` writes this page.
)";
  std::string family;
  std::string fault;
  for (const faults::FaultInfo& info : faults::catalogue()) {
    if (info.family != family) out << "\n## " << info.family << "\n";
    family = info.family;
    for (const Behaviour& behaviour : read_behaviours()) {
      if (behaviour.fault != info.id) continue;
      if (fault != info.id) out << "\n**" << info.id << "**: " << info.stands_for << ".\n";
      fault = info.id;
      if (!behaviour.with.empty()) out << "\n`" << behaviour.with << "`\n";
      if (!behaviour.elsewhere.empty())
        out << "\nNothing is seen from outside: " << behaviour.elsewhere_file << ", \"" << behaviour.elsewhere
            << "\".\n";
      out << "\n" << difference(calm_of(behaviour).account, run_of(behaviour.settings).account);
    }
  }
  return out.str();
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("every fault of the catalogue, and every word it can be set to, has a behaviour that is checked") {
  const std::vector<Behaviour> behaviours = read_behaviours();
  for (const faults::FaultInfo& info : faults::catalogue()) {
    INFO(info.id);
    CHECK(std::any_of(behaviours.begin(), behaviours.end(),
                      [&](const Behaviour& behaviour) { return behaviour.fault == info.id; }));
    for (const faults::ParameterInfo& parameter : info.parameters) {
      for (std::size_t i = 0; i < parameter.words.size(); ++i) {
        const bool is_usual = static_cast<std::int64_t>(i) == parameter.otherwise;
        INFO(parameter.name << " " << parameter.words[i]);
        CHECK(std::any_of(behaviours.begin(), behaviours.end(), [&](const Behaviour& behaviour) {
          const bool unsaid = behaviour.with.find(parameter.name) == std::string::npos;
          return behaviour.fault == info.id &&
                 ((is_usual && unsaid) ||
                  behaviour.is_about(std::string(parameter.name), std::string(parameter.words[i])));
        }));
      }
    }
  }
  for (const Behaviour& behaviour : behaviours) {
    INFO(behaviour.name());
    CHECK(faults::find_fault(behaviour.fault) != nullptr);
    if (behaviour.shows.empty())
      CHECK(read(RACEBED_SOURCE_DIR "/" + behaviour.elsewhere_file).find('"' + behaviour.elsewhere + '"') !=
            std::string::npos);
  }
}

TEST_CASE("each fault shows what it says, and a run without it does not") {
  for (const Behaviour& behaviour : read_behaviours()) {
    const Seen& calm = calm_of(behaviour);
    const Seen seen = run_of(behaviour.settings);
    INFO(behaviour.name() << "\n" << text_of(seen.account) << "without it:\n" << text_of(calm.account));
    for (const std::string& line : behaviour.shows) {
      INFO("shows " << line);
      CHECK(seen.account.has(line));
    }
    if (!behaviour.shows.empty()) CHECK_FALSE(calm.account.has(behaviour.shows.front()));
    CHECK(seen.hash != calm.hash);  // it acted
    CHECK(run_of(behaviour.settings).hash == seen.hash);
  }
}

TEST_CASE("docs/faults.md says what each fault shows") {
  const std::string now = page();
  if (std::getenv("RACEBED_BLESS") != nullptr) std::ofstream(kPage, std::ios::binary) << now;
  CHECK(read(kPage) == now);
}

}  // namespace racebed::tests

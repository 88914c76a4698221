#include <catch2/catch.hpp>
#include <sstream>

#include "tests/cli/program.hpp"

using namespace racebed::tests;
using Catch::Matchers::Contains;

TEST_CASE("the historical controller is caught by a seed, the verdict tells why and how to see it again") {
  const Output output = run_program("run create-delete-create --subject notification-2025-11 --seed 7");
  CHECK(output.status == 1);
  CHECK(output.err.empty());
  CHECK_THAT(output.out, Contains("no-duplicate-delivery") && Contains("violated") &&
                             Contains("controller-0#1") &&
                             Contains("to replay: scripts/racebed run create-delete-create --subject "
                                      "notification-2025-11 --seed 7\n"));
}

TEST_CASE("the real core holds where the historical one does not") {
  CHECK(run_program("run create-delete-create --seeds 0:20").status == 0);
  CHECK(run_program("run leader-kill --seeds 0:10").status == 0);
  CHECK(run_program("run create-delete-create --subject notification-2025-11 --seeds 0:20").status == 1);
  CHECK(run_program("run leader-kill --subject notification-2025-11 --seeds 0:10").status == 1);
}

TEST_CASE("several scenarios make a table: one line for each, and the sum at the end") {
  const Output good = run_program("run happy-path follower-kill --seeds 0:3");
  CHECK(good.status == 0);
  CHECK_THAT(good.out, Contains("happy-path                              3   100 %        0  \n") &&
                           Contains("2 scenarios, 6 runs: none violates an invariant\n") &&
                           Contains("every run reached its scenario's dangerous moment\n"));
  const Output bad = run_program("run happy-path leader-kill --subject notification-2025-11 --seeds 0:2");
  CHECK(bad.status == 1);
  CHECK_THAT(bad.out, Contains("no-duplicate-delivery (2, 0)\n") &&
                          Contains("of 2 scenarios, violate an invariant\n"));
}

TEST_CASE("what the declared guarantee allows is said in these words, and is no failure") {
  const Output output = run_program("run leader-kill --set subject.guarantee=at-least-once --seed 3");
  CHECK(output.status == 0);
  CHECK_THAT(output.out, Contains("  1 of 1 fault fired\n") && Contains("allowed no-duplicate-delivery") &&
                             Contains("allowed by the declared guarantee at-least-once"));
}

TEST_CASE(
    "a run of any seed is drawn as lanes, the same bytes each time, and drawing changes nothing in it") {
  const TemporaryFolder folder;
  const std::string arguments = "run leader-kill --seed 3 --hashes";
  const Output plain = run_program(arguments, folder.path());
  CHECK(run_program(arguments + " --plot a.svg", folder.path()).out == plain.out);
  CHECK(run_program(arguments + " --plot b.svg", folder.path()).out == plain.out);
  const std::string drawn = folder.read("a.svg");
  CHECK(drawn == folder.read("b.svg"));
  for (const char* shown : {"controller-1", "process-kill", "killed", "<svg"})
    CHECK_THAT(drawn, Contains(shown));
  CHECK(run_program(arguments + " --plot a.png", folder.path()).status == 0);
  CHECK(folder.read("a.png").starts_with("\x89PNG"));
}

TEST_CASE("two processes give the same run, to the byte") {
  for (const char* scenario : {"happy-path", "create-delete-create", "leader-kill"}) {
    const std::string arguments = std::string("run ") + scenario + " --seeds 0:5 --hashes";
    const Output first = run_program(arguments);
    CHECK(first.out == run_program(arguments).out);
    CHECK(std::count(first.out.begin(), first.out.end(), '\n') == 5);
  }
}

TEST_CASE("a recorded run replays; one that was changed is an own fault that names the first difference") {
  const TemporaryFolder folder;
  const Output run = run_program(
      "run create-delete-create --subject notification-2025-11 --seed 7 --record run.json --trace "
      "trace.jsonl",
      folder.path());
  CHECK(run.status == 1);
  CHECK_THAT(folder.read("trace.jsonl"), Contains("\"kind\":\"delivered\""));
  const Output replayed = run_program("replay run.json", folder.path());
  CHECK(replayed.status == 1);
  CHECK(replayed.err.empty());
  CHECK(replayed.out.substr(0, replayed.out.find("to replay")) ==
        run.out.substr(0, run.out.find("to replay")));

  std::string record = folder.read("run.json");
  const std::size_t at = record.find("\"delivered\",\"by=");
  REQUIRE(at != std::string::npos);
  const std::size_t digest = record.find_first_of("0123456789", record.find("\",", at + 13));
  record[digest] = record[digest] == '1' ? '2' : '1';
  folder.write("changed.json", record);
  const Output diverged = run_program("replay changed.json", folder.path());
  CHECK(diverged.status == 3);
  CHECK(diverged.out.empty());
  CHECK_THAT(diverged.err, Contains("the replay diverges: event ") && Contains("delivered"));
}

TEST_CASE("--help names every command; each knows --help, and no line of it is longer than 100 columns") {
  const std::string help = run_program("--help").out;
  for (const std::string command : {"demo", "list", "run", "replay", "sweep", "merge", "failures", "recheck",
                                    "report", "compare", "serve", "controller"}) {
    CAPTURE(command);
    CHECK_THAT(help, Contains("racebed " + command) || Contains(", " + command));
    const Output own = run_program(command + " --help");
    CHECK(own.status == 0);
    std::istringstream lines(own.out);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 100);
    }
  }
}

TEST_CASE("help and lists name every command, scenario, subject and invariant") {
  const Output help = run_program("--help");
  CHECK(help.status == 0);
  CHECK_THAT(help.out, Contains("racebed list") && Contains("racebed run") && Contains("racebed replay"));
  const Output list = run_program("list");
  CHECK(list.status == 0);
  CHECK_THAT(list.out, Contains("create-delete-create") && Contains("leader-kill") &&
                           Contains("happy-path") && Contains("notification-2025-11"));
  const Output invariants = run_program("list --invariants");
  CHECK_THAT(invariants.out, Contains("no-cross-incarnation-status"));
  const Output faults = run_program("list --faults");
  CHECK_THAT(faults.out, Contains("process-kill") && Contains("tls-expired"));
  for (const std::string& text : {help.out, list.out, invariants.out, faults.out}) {
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      longest = std::max(longest, end - begin);
      begin = end + 1;
    }
    CHECK(longest <= 100);
  }
}

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/cli/program.hpp"

using namespace racebed::tests;

TEST_CASE("bad input is one clear line on standard error, exit status 2, and nothing else") {
  const TemporaryFolder folder;
  folder.write("broken.json", "{\n  \"title\": \"a\",\n  \"workload\": {\"count\": }\n}\n");
  folder.write("unknown.json", R"({"workload": {"cuont": 3}})");
  folder.write("type.json", R"({"world": {"replicas": "two"}})");
  folder.write("not-a-record.json", R"({"a": 1})");
  folder.write("odd.json", R"({"racebed_record": [1], "version": 5})");
  folder.write("old.json", R"({"racebed_record": 1, "version": "0.0.1"})");
  struct Row {
    const char* arguments;
    const char* line;  // a part of it
  };
  const Row rows[] = {
      {"", "no command, expected one of those in racebed --help"},
      {"walk", "unknown command \"walk\""},
      {"run", "no scenario, expected a name, a path or --all"},
      {"run nowhere", "unknown scenario \"nowhere\", expected a path or a name from racebed list"},
      {"run leader-kil", "expected a path or a name from racebed list: \"leader-kill\"?"},
      {"run happy-path --subject nobody",
       "unknown subject \"nobody\", expected one of notification, notification-2025-11, "
       "notification-2026-08"},
      {"run happy-path --seed -1",
       "--seed: found \"-1\", expected an integer from 0 to 18446744073709551615"},
      {"run happy-path --seed 18446744073709551616", "expected an integer from 0 to 18446744073709551615"},
      {"run happy-path --seed 1x", "--seed: found \"1x\""},
      {"run happy-path --seeds 5", "--seeds: found \"5\", expected A:B"},
      {"run happy-path --seeds 5:5", "expected A below B"},
      {"run happy-path --seed 1 --seeds 1:2", "found both, expected one"},
      {"run happy-path --sed 1", "unrecognised option '--sed'"},
      {"run happy-path --set workload.count", "--set: found \"workload.count\", expected path=value"},
      {"run happy-path --set workload.cuont=3", "workload.cuont: unknown key, expected \"count\"?"},
      {"run happy-path --set workload.count=many",
       "workload.count: found \"many\", expected an integer from 1 to 10000"},
      {"run happy-path --set workload.count=0",
       "workload.count: found 0, expected an integer from 1 to 10000"},
      {"run happy-path --set subject.guarantee=maybe",
       "expected one of default, at-least-once, at-most-once, probe"},
      {"run happy-path --set settle=10", "settle: found 10, expected a duration such as \"150ms\""},
      {"run happy-path --seeds 0:2 --record r.json", "expected one scenario and one seed"},
      {"run happy-path --seeds 0:2 --plot r.svg", "expected one scenario and one seed"},
      {"run happy-path --plot run.pdf",
       "--plot: found \"run.pdf\", expected a file that ends in .svg or .png"},
      {"run broken.json", "broken.json:3:25: malformed JSON"},
      {"run unknown.json", "unknown.json: workload.cuont: unknown key, expected \"count\"?"},
      {"run type.json", "type.json: world.replicas: found \"two\", expected an integer from 1 to 16"},
      {"run ./absent.json", "./absent.json: cannot be read"},
      {"replay absent.json", "absent.json: cannot be read"},
      {"replay not-a-record.json", "not-a-record.json: not a recorded run"},
      {"replay odd.json", "recorded by racebed ? (format ?)"},
      {"run happy-path --set 'faults[4000000000].when=drawn'", "no such place"},
      {"run leader-kill --set 'faults[0].target=controller-2'",
       "leader-kill.json: faults[0].target: found \"controller-2\", expected leader, follower, "
       "any-controller, "
       "controllers, controller-0 to controller-1"},
      {"replay old.json", "recorded by racebed 0.0.1 (format 1)"},
      {"run happy-path --live --seeds 0:3", "--live: found --seeds"},
      {"run leader-kill --live --set faults[0].fault=process-power-loss", "expected none but process-kill"},
      {"serve --port 99999", "--port: found \"99999\", expected a port from 0"},
      {"serve --front-ends 0", "--front-ends: found 0, expected 1 to 16"},
      {"serve --slack-certificate odd", "slack.certificate: found \"odd\", expected one of good"},
      {"serve --faults broken.json", "broken.json: not JSON"},
      {"serve --token-file absent", "absent: cannot be read"},
      {"serve extra", "too many positional"},
      {"controller --server ftp://x", "--server: found \"ftp://x\", expected an http or https URL"},
      {"controller --server http://127.0.0.1:1 --kubeconfig k", "found both, expected one"},
      {"controller --kubeconfig absent", "absent: cannot be read"},
      {"controller --kubeconfig broken.json", "broken.json: "},
      {"controller --server http://127.0.0.1:1 --slack.token x", "found a secret on the command line"},
      {"controller --server http://127.0.0.1:1 --workers many",
       "--workers: found \"many\", expected an integer from 1"},
      {"controller --server http://127.0.0.1:1 --election.leaseDuration 15",
       "expected a duration above 0, such as 15s"},
      {"controller --server http://127.0.0.1:1 --config unknown.json", "unknown.json: workload: found "},
      {"controller --server http://127.0.0.1:1 --slack.tokenFile absent", "absent: cannot be read"},
  };
  const std::size_t before = folder.files();
  for (const Row& row : rows) {
    CAPTURE(row.arguments);
    const Output output = run_program(row.arguments, folder.path());
    CHECK(output.status == 2);
    CHECK(output.out.empty());
    CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 1);
    CHECK_THAT(output.err, Catch::Matchers::StartsWith("racebed: ") && Catch::Matchers::Contains(row.line));
    CHECK(folder.files() == before);
  }
}

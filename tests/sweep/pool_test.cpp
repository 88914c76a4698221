// Workers that answer, die and hang. The worker is a shell script here: what it does depends on the seed.
#include "sweep/pool.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/support/temporary_folder.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

/// Answers each seed with a line, but for 13: it dies; 17: it hangs; 19: it dies once.
constexpr const char* kScript = R"(#!/bin/sh
while read -r line; do
  for seed in $(echo "$line" | sed 's/.*"seeds":\[\([0-9,]*\)\].*/\1/; s/,/ /g'); do
    case $seed in
      13) kill -9 $$ ;;
      17) sleep 100 ;;
      19) [ -e "$0.19" ] || { : >"$0.19"; kill -9 $$; } ;;
    esac
    echo "answer $seed"
  done
done
)";

std::map<std::uint64_t, std::string> answers_of(unsigned workers,
                                                std::vector<std::vector<std::uint64_t>> tasks) {
  const tests::TemporaryFolder folder;
  const std::string script = folder.write("worker.sh", kScript);
  chmod(script.c_str(), 0755);
  std::map<std::uint64_t, std::string> answers;
  sweep::Pool pool({.program = script, .workers = workers, .run_timeout = 1s},
                   [&](const sweep::Pool::Answer& answer) {
                     const std::uint64_t seed = answer.task.seeds.at(0);
                     CHECK_FALSE(answers.contains(seed));
                     answers[seed] = answer.broken.empty() ? answer.line : answer.broken;
                   });
  pool.run(
      [&](sweep::Task& task) {
        if (tasks.empty()) return false;
        task.seeds = tasks.back();
        tasks.pop_back();
        return true;
      },
      [] { return true; });
  return answers;
}

}  // namespace

TEST_CASE(
    "every seed is answered once, whatever becomes of its worker, and the seeds after it are not lost") {
  for (const unsigned workers : {1U, 3U}) {
    CAPTURE(workers);
    const auto answers = answers_of(workers, {{1, 2, 3}, {12, 13, 14}, {16, 17, 18}, {19, 20}});
    REQUIRE(answers.size() == 11);
    for (const auto& [seed, answer] : answers) {
      CAPTURE(seed);
      const std::string wanted = seed == 13   ? "signal 9"
                                 : seed == 17 ? "timed out after 1 s"
                                              : "answer " + std::to_string(seed);
      CHECK(answer == wanted);
    }
  }
}

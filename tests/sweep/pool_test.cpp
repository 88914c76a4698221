// Workers that answer, die and hang. The worker is a shell script here: what it does depends on the seed.
#include "sweep/pool.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "tests/support/temporary_folder.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

/// Answers each seed with its process and the seed, but for 11: it crashes; 13: it is killed; 15: it has no
/// memory left; 17: it hangs; 19: it dies once; 23: it is killed three times.
constexpr const char* kScript = R"(#!/bin/sh
while read -r line; do
  for seed in $(echo "$line" | sed 's/.*"seeds":\[\([0-9,]*\)\].*/\1/; s/,/ /g'); do
    case $seed in
      11) kill -SEGV $$ ;;
      13) kill -9 $$ ;;
      15) exit 12 ;;
      17) sleep 100 ;;
      19) [ -e "$0.19" ] || { : >"$0.19"; kill -9 $$; } ;;
      23) n=$(cat "$0.23" 2>/dev/null || echo 0); echo $((n + 1)) >"$0.23"; [ "$n" -ge 3 ] || kill -9 $$ ;;
    esac
    echo "$$ answers $seed"
  done
done
)";

using Answers = std::map<std::uint64_t, std::string>;

/// "17 answers 3" is process 17's.
pid_t process_of(const std::string& line) {
  return std::stoi(line);
}

/// What is said of each seed; a process's number is left out. `heard` is told of each answer as it comes.
Answers answers_of(
    unsigned workers, std::vector<std::vector<std::uint64_t>> tasks,
    const std::function<void(const std::string& line)>& heard = [](const std::string&) {}) {
  const tests::TemporaryFolder folder;
  const std::string script = folder.write("worker.sh", kScript);
  chmod(script.c_str(), 0755);
  Answers answers;
  sweep::Pool pool(
      {.program = script, .workers = workers, .run_timeout = 1s}, [&](const sweep::Pool::Answer& answer) {
        const std::uint64_t seed = answer.task.seeds.at(0);
        CHECK_FALSE(answers.contains(seed));
        answers[seed] = answer.broken.empty() ? answer.line.substr(answer.line.find(' ') + 1) : answer.broken;
        if (answer.broken.empty()) heard(answer.line);
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
  const std::map<std::uint64_t, std::string> ends = {
      {11, "signal 11"}, {13, "signal 9"}, {15, "out of memory"}, {17, "timed out after 1 s"}};
  for (const unsigned workers : {1U, 3U}) {
    CAPTURE(workers);
    const Answers answers =
        answers_of(workers, {{1, 2, 3}, {10, 11, 12}, {13, 14}, {15, 16}, {17, 18}, {19, 20}, {23, 24}});
    REQUIRE(answers.size() == 16);
    for (const auto& [seed, answer] : answers) {
      CAPTURE(seed);
      CHECK(answer == (ends.contains(seed) ? ends.at(seed) : "answers " + std::to_string(seed)));
    }
  }
}

TEST_CASE("workers that somebody kills, at any moment, cost no seed its answer, and no seed is to blame") {
  for (const unsigned workers : {1U, 3U}) {
    CAPTURE(workers);
    std::vector<std::vector<std::uint64_t>> tasks;
    for (std::uint64_t first = 100; first < 220; first += 8) {
      tasks.emplace_back();
      for (std::uint64_t seed = first; seed < first + 8; ++seed) tasks.back().push_back(seed);
    }
    std::mt19937 random(5);  // of the test, not of a run
    std::size_t killed = 0;
    // One that has just answered is past the seed that its predecessor died of.
    const Answers answers = answers_of(workers, tasks, [&](const std::string& line) {
      if (random() % 4 != 0) return;
      std::this_thread::sleep_for(std::chrono::microseconds{random() % 500});
      killed += kill(process_of(line), SIGKILL) == 0;
    });
    CHECK(killed > 10);
    REQUIRE(answers.size() == 120);
    for (const auto& [seed, answer] : answers) CHECK(answer == "answers " + std::to_string(seed));
  }
}

#include "tests/mutation/runs.hpp"

#include <sys/wait.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace racebed::tests {
namespace {

using Json = nlohmann::json;

constexpr int kAssertionStatus = 3;

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string command_of(const Trial& trial, std::uint64_t first) {
  std::string command = "timeout " + std::to_string(kTrialSeconds) + " " +
                        quoted(std::string(RACEBED_BINARY_DIR) + "/bin/mutants/" + trial.program) + " " +
                        quoted(trial.by.scenario) + " " + std::to_string(first) + " " +
                        std::to_string(trial.by.seeds);
  return command + " 2>&1 </dev/null";
}

void take(TrialResult& result, const Json& line) {
  ++result.runs;
  if (line.contains("leak")) result.broken = line["leak"];
  if (!line.at("violated").empty()) ++result.caught;
  for (const auto& [invariant, what] : line.at("violated").items()) {
    TrialResult::Told& told = result.by_invariant[invariant];
    if (told.runs++ > 0) continue;
    told.first_seed = line.at("seed");
    told.what = what;
  }
  for (const Json& invariant : line.at("reached")) result.reached.insert(invariant);
}

/// Seed by seed; a run in which an assertion of the core ends the process counts as caught by that, and the
/// next seed follows in a new process.
TrialResult run_one(const Trial& trial) {
  TrialResult result;
  while (result.broken.empty() && result.runs < trial.by.seeds) {
    const Ended ended = run_to_end(command_of(trial, result.runs));
    std::istringstream lines(ended.output);
    std::string rest;
    for (std::string line; std::getline(lines, line);) {
      const Json json = Json::parse(line, nullptr, false);
      if (json.is_object()) {
        take(result, json);
      } else {
        rest += line + " ";
      }
    }
    if (ended.status == kAssertionStatus) {
      const Json violated = {{kAssertion, rest}};
      take(result, {{"seed", result.runs}, {"violated", violated}, {"reached", Json::array()}});
    } else if (ended.status != 0) {
      result.broken = "exit status " + std::to_string(ended.status) + ": " + rest;
    } else if (result.runs < trial.by.seeds) {
      result.broken = "it ended early: " + rest;
    }
  }
  return result;
}

}  // namespace

Ended run_to_end(const std::string& command) {
  Ended ended;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ended;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ended.output.append(buffer.data(), n);
  const int status = pclose(pipe);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

std::vector<TrialResult> run_all(const std::vector<Trial>& trials) {
  std::vector<TrialResult> results(trials.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < trials.size(); i = next++) results[i] = run_one(trials[i]);
  };
  std::thread other(work);
  work();
  other.join();
  return results;
}

}  // namespace racebed::tests

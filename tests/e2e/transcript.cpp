#include "tests/e2e/transcript.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <sstream>

namespace racebed::tests {
namespace {

struct Step {
  int line = 0;
  std::string command;
  bool fails = false;
  std::vector<std::string> expected;
};

std::vector<Step> steps_of(const std::string& file, const std::string& tag) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + ": cannot be read");
  std::vector<Step> steps;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.starts_with("#")) continue;
    if (line.starts_with("$ ")) {
      steps.push_back({.line = number, .command = line.substr(2), .fails = false, .expected = {}});
    } else if (line.starts_with("$! ")) {
      steps.push_back({.line = number, .command = line.substr(3), .fails = true, .expected = {}});
    } else if (steps.empty()) {
      throw std::runtime_error(fmt::format("{}:{}: no command before it", file, number));
    } else if (line.starts_with("| ") || line == "|") {
      steps.back().command += "\n" + (line == "|" ? "" : line.substr(2));
    } else if (line.starts_with("[old] ") || line.starts_with("[new] ")) {
      if (line.substr(1, 3) == tag) steps.back().expected.push_back(line.substr(6));
    } else {
      steps.back().expected.push_back(line);
    }
  }
  return steps;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

bool all_match(const std::vector<std::string>& expected, std::size_t e, const std::vector<std::string>& found,
               std::size_t f) {
  for (; e < expected.size(); ++e, ++f) {
    if (expected[e] == "...") {
      for (; f <= found.size(); ++f) {
        if (all_match(expected, e + 1, found, f)) return true;
      }
      return false;
    }
    if (f == found.size() || !matches(expected[e], found[f])) return false;
  }
  return f == found.size();
}

}  // namespace

bool matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, star = std::string::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string run_transcript(const std::string& file, const TranscriptOptions& options) {
  for (const Step& step : steps_of(file, options.tag)) {
    const Ran ran = run({"bash", "-c", options.prelude + step.command}, options.bound, options.process);
    const std::vector<std::string> found = lines_of(ran.output);
    const bool as_told = (ran.status != 0) == step.fails && ran.status != -1;
    if (as_told && all_match(step.expected, 0, found, 0)) continue;
    return fmt::format("{}:{}: [{}]\n$ {}\n---- expected{}:\n{}\n---- found (exit status {}):\n{}\n", file,
                       step.line, options.tag, step.command, step.fails ? " (and failure)" : "",
                       fmt::join(step.expected, "\n"), ran.status, fmt::join(found, "\n"));
  }
  return {};
}

}  // namespace racebed::tests

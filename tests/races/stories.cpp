#include "tests/races/stories.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "experiments/invariants/invariant.hpp"

namespace racebed::tests {
namespace {

using experiments::InputError;

const std::vector<std::string> kPages = {"races.md", "races/2026-08-deliveries.md",
                                         "races/2026-08-retries.md", "races/2026-08-records.md",
                                         "races/2026-08-operations.md"};
const std::string kDot = " \xC2\xB7 ";  // between the parts of a command line

std::vector<std::string> split(const std::string& text, const std::string& at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(at); end != std::string::npos; end = text.find(at, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + at.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

/// `scripts/racebed run SCENARIO [--subject NAME] [--set PATH=VALUE]... --seed N`
void read_command(const std::string& text, Story& story) {
  std::istringstream words(text);
  std::string word;
  words >> word >> word >> story.scenario;
  story.subject = "notification";
  while (words >> word) {
    std::string value;
    words >> value;
    if (word == "--subject") story.subject = value;
    if (word == "--seed") story.seed = std::stoull(value);
    if (word == "--set") {
      const std::size_t equals = value.find('=');
      story.settings.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    }
  }
}

/// `no-crash: "its words"`, or a list of names.
void read_claims(std::string text, Story& story) {
  if (text.starts_with("held: ")) {
    story.verdict = Story::Verdict::held;
    text.erase(0, 6);
  } else if (text.starts_with("allowed: ")) {
    story.verdict = Story::Verdict::allowed;
    text.erase(0, 9);
  }
  if (const std::size_t colon = text.find(": \""); colon != std::string::npos) {
    std::string words = text.substr(colon + 3, text.rfind('"') - colon - 3);
    words.erase(std::remove(words.begin(), words.end(), '\\'), words.end());
    story.claims.push_back({text.substr(0, colon), std::move(words)});
    return;
  }
  for (const std::string& name : split(text, ", ")) story.claims.push_back({name, {}});
}

std::string anchor_of(const std::string& title) {
  std::string anchor;
  for (const char c : title) {
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') anchor += c;
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

}  // namespace

std::string Story::command() const {
  std::string text = "scripts/racebed run " + scenario + " --subject " + subject;
  for (const auto& [path, value] : settings) text += " --set " + path + "=" + value;
  return text + " --seed " + std::to_string(seed);
}

std::vector<Story> read_stories() {
  std::vector<Story> stories;
  for (const std::string& page : kPages) {
    std::ifstream in(RACEBED_SOURCE_DIR "/docs/" + page);
    if (!in) throw InputError("docs/" + page + " cannot be read");
    std::string title;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("## ")) title = line.substr(3);
      if (!line.starts_with("`scripts/racebed run ") || title.empty()) continue;
      const std::vector<std::string> parts = split(line, kDot);
      if (parts.size() < 2) throw InputError("docs/" + page + ", \"" + title + "\": no invariant is named");
      Story story;
      story.title = title;
      story.file = page;
      read_command(parts[0].substr(1, parts[0].size() - 2), story);
      for (std::size_t i = 1; i < parts.size(); ++i) read_claims(parts[i], story);
      for (const Claim& claim : story.claims) {
        if (experiments::find_invariant(claim.invariant) == nullptr)
          throw InputError("docs/" + page + ", \"" + title + "\": found \"" + claim.invariant +
                           "\", expected an invariant");
      }
      stories.push_back(std::move(story));
      title.clear();
    }
  }
  return stories;
}

std::string contents_of(const std::vector<Story>& stories) {
  std::string text = "| story | subject | scenario, seed | invariant |\n|---|---|---|---|\n";
  for (const Story& story : stories) {
    const std::string page = story.file == "races.md" ? "" : story.file;
    const std::string held = story.verdict == Story::Verdict::held ? " (mended)" : "";
    text += "| [" + story.title + "](" + page + "#" + anchor_of(story.title) + ") | " + story.subject + held +
            " | " + story.scenario + ", " + std::to_string(story.seed) + " | " +
            story.claims.front().invariant + " |\n";
  }
  return text;
}

}  // namespace racebed::tests

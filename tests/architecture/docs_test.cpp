// What the pages say is there, is there: links, paths, commands.
#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/architecture/tree.hpp"

namespace racebed::tests {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// Everything that stands between `open` and the next `close`, in order.
std::vector<std::string> between(const std::string& text, const std::string& open, const std::string& close) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const std::size_t end = text.find(close, at);
    if (end == std::string::npos) break;
    found.push_back(text.substr(at, end - at));
    at = end + close.size();
  }
  return found;
}

/// Whether a word in backquotes names a place in the tree: it begins with one of our folders and has no
/// pattern in it.
bool is_place(const std::string& word) {
  if (word.find_first_of(" *<>{}()$=:,") != std::string::npos) return false;
  const std::size_t slash = word.find('/');
  if (slash == std::string::npos) return false;
  const std::string top = word.substr(0, slash);
  static const std::set<std::string> others{"docs", "scripts", "cmake", ".ci"};
  const auto& code = code_folders();
  return others.contains(top) || (std::find(code.begin(), code.end(), top) != code.end() && exists(top));
}

/// The lines of a page's indented or fenced blocks that call one of our scripts.
std::vector<std::string> commands_of(const SourceFile& page) {
  std::vector<std::string> found;
  for (const std::string& line : page.lines) {
    const std::size_t from = line.find_first_not_of(" $");
    if (from != std::string::npos && line.compare(from, 8, "scripts/") == 0)
      found.push_back(line.substr(from));
  }
  return found;
}

}  // namespace

TEST_CASE("every link in a page leads somewhere") {
  for (const SourceFile& page : pages()) {
    for (const std::string& target : between(page.text, "](", ")")) {
      const std::string path = target.substr(0, target.find('#'));
      if (path.empty() || path.find("://") != std::string::npos) continue;
      INFO(page.path << " links " << target);
      CHECK(exists(folder_of(page.path) + path));
    }
  }
}

TEST_CASE("every place that README.md and docs/ name exists") {
  for (const SourceFile& page : pages()) {
    if (page.path != "README.md" && !page.path.starts_with("docs/")) continue;
    std::istringstream lines(page.text);
    for (std::string line; std::getline(lines, line);) {
      for (const std::string& word : between(line, "`", "`")) {
        INFO(page.path << " names " << word);
        if (is_place(word)) CHECK(exists(word));
      }
    }
  }
}

TEST_CASE("every command in README.md is a script of ours, and racebed knows the verb") {
  const SourceFile readme = pages().front();
  REQUIRE(readme.path == "README.md");
  const std::vector<std::string> commands = commands_of(readme);
  CHECK(commands.size() >= 2);
  const Ran help = run_command(std::string(RACEBED_BINARY_DIR) + "/bin/racebed --help");
  CHECK(help.status == 0);
  for (const std::string& command : commands) {
    std::istringstream words(command);
    std::string script, verb;
    words >> script >> verb;
    INFO("README.md: " << command);
    CHECK(run_command("test -x " + std::string(RACEBED_SOURCE_DIR) + "/" + script).status == 0);
    if (script == "scripts/racebed" && !verb.empty() &&
        std::isalpha(static_cast<unsigned char>(verb[0])) != 0) {
      CHECK(has_word(help.output, verb));
    }
  }
}

TEST_CASE("every script says in its first lines what it does") {
  const Ran ls = run_command("ls " + std::string(RACEBED_SOURCE_DIR) + "/scripts");
  std::istringstream names(ls.output);
  for (std::string name; names >> name;) {
    if (name == "README.md") continue;
    INFO("scripts/" << name);
    const std::string text = read_text("scripts/" + name);
    const std::size_t first = text.starts_with("#!") ? text.find('\n') + 1 : 0;
    CHECK(text.compare(first, 2, "# ") == 0);
  }
}

}  // namespace racebed::tests

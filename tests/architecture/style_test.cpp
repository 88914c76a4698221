// Style as a test: what a reader may rely on everywhere. Each claim lists every place that breaks it.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/architecture/tree.hpp"

namespace racebed::tests {
namespace {

constexpr std::size_t kFileLinesMax = 600;
constexpr std::size_t kFunctionLinesMax = 70;
constexpr std::size_t kReadmeLinesMax = 12;

struct Forbidden {
  std::string what;
  std::set<std::string> folders;
  std::string instead;
};

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" `");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" `") - from + 1);
}

/// The rows of docs/forbidden.md.
std::vector<Forbidden> forbidden_table() {
  std::vector<Forbidden> table;
  std::istringstream in(read_text("docs/forbidden.md"));
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::string what, folders, instead;
    std::getline(cells, what, '|');
    std::getline(cells, folders, '|');
    std::getline(cells, instead, '|');
    Forbidden row{trimmed(what), {}, trimmed(instead)};
    std::istringstream names(folders);
    for (std::string name; names >> name;) row.folders.insert(name);
    table.push_back(row);
  }
  return table;
}

std::string top_folder(const std::string& path) {
  return path.substr(0, path.find('/'));
}

/// Whether a line stands at the left margin and is code: between two such lines there is only a body.
bool is_at_margin(const std::string& line) {
  return !line.empty() && line[0] != ' ' && line[0] != '#';
}

}  // namespace

TEST_CASE("the table of what is forbidden is read, and its reader finds what it looks for") {
  CHECK(forbidden_table().size() > 20);
  CHECK(has_word("  auto now = std::chrono::system_clock::now();", "system_clock::now"));
  CHECK(has_word("int i = rand();", "rand("));
  CHECK_FALSE(has_word("int i = operand();", "rand("));
  CHECK_FALSE(has_word("std::threads all;", "std::thread"));
}

TEST_CASE("nothing forbidden is called") {
  for (const Forbidden& row : forbidden_table()) {
    for (const SourceFile& file : sources()) {
      if (!row.folders.contains(top_folder(file.path))) continue;
      if (file.path == "sim/guards.cpp") continue;  // it defines what it guards against
      for (std::size_t i = 0; i < file.code.size(); ++i) {
        if (!has_word(file.code[i], row.what)) continue;
        FAIL_CHECK(file.path << ":" << i + 1 << ": " << row.what << "; use instead: " << row.instead);
      }
    }
  }
}

TEST_CASE("no file has more than 600 lines") {
  for (const SourceFile& file : sources()) {
    if (file.lines.size() > kFileLinesMax) FAIL_CHECK(file.path << " has " << file.lines.size() << " lines");
  }
}

TEST_CASE("no function has more than 70 lines") {
  for (const SourceFile& file : sources()) {
    if (top_folder(file.path) == "tests") continue;
    std::size_t margin = 0;  // the number of the last line at the margin: where the function at hand begins
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (!is_at_margin(file.code[i])) continue;
      const std::size_t lines = i + 2 - margin;
      if (file.lines[i] == "}" && lines > kFunctionLinesMax) {
        FAIL_CHECK(file.path << ":" << margin << ": a function of " << lines << " lines");
      }
      margin = i + 1;
    }
  }
}

TEST_CASE("nothing is left for later in the code") {
  for (const SourceFile& file : sources()) {
    if (file.path.starts_with("tests/architecture/")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const char* mark : {"TODO", "FIXME", "XXX", "HACK"}) {
        if (has_word(file.lines[i], mark)) FAIL_CHECK(file.path << ":" << i + 1 << ": " << mark);
      }
    }
  }
}

TEST_CASE("every header says what it is, and is guarded") {
  for (const SourceFile& file : sources()) {
    if (!file.path.ends_with(".hpp")) continue;
    INFO(file.path);
    CHECK(file.text.starts_with("//"));
    CHECK(file.text.find("#pragma once") != std::string::npos);
  }
}

TEST_CASE("no header lies there that nobody includes") {
  std::set<std::string> included;
  for (const SourceFile& file : sources()) {
    for (const std::string& line : file.code) {
      if (!line.starts_with("#include \"")) continue;
      const std::size_t end = line.find('"', 10);
      included.insert(line.substr(10, end - 10));
    }
  }
  for (const SourceFile& file : sources()) {
    if (file.path.ends_with(".hpp") && !included.contains(file.path))
      FAIL_CHECK(file.path << " is included nowhere");
  }
}

TEST_CASE("every folder has a README.md of at most 12 lines") {
  std::vector<std::string> places = folders();
  places.insert(places.end(), {"docs", "scripts", "cmake"});
  for (const std::string& folder : places) {
    // The folders of tests/ mirror the tree; tests/README.md speaks for them.
    if (folder.starts_with("tests/")) continue;
    INFO(folder);
    REQUIRE(exists(folder + "/README.md"));
    const std::string text = read_text(folder + "/README.md");
    CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) <= kReadmeLinesMax);
  }
}

}  // namespace racebed::tests

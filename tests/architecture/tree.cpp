#include "tests/architecture/tree.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

namespace racebed::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = RACEBED_SOURCE_DIR;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Blanks comments and the insides of quotes. Knows no raw strings: their text counts as code.
class Stripper {
 public:
  std::string strip(const std::string& line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (in_comment_) {
        if (line.compare(i, 2, "*/") == 0) in_comment_ = false, ++i;
      } else if (line.compare(i, 2, "//") == 0) {
        break;
      } else if (line.compare(i, 2, "/*") == 0) {
        in_comment_ = true, ++i;
      } else if (line[i] == '"' && !line.starts_with("#include")) {
        i = end_of_quote(line, i);
        out += "\"\"";
      } else {
        out += line[i];
      }
    }
    return out;
  }

 private:
  static std::size_t end_of_quote(const std::string& line, std::size_t at) {
    for (++at; at < line.size() && line[at] != '"'; ++at) {
      if (line[at] == '\\') ++at;
    }
    return at;
  }

  bool in_comment_ = false;
};

SourceFile read(const fs::path& file) {
  SourceFile source;
  source.path = fs::relative(file, kRoot).generic_string();
  source.text = read_text(source.path);
  source.lines = split(source.text);
  if (file.extension() != ".md") {
    Stripper stripper;
    for (const std::string& line : source.lines) source.code.push_back(stripper.strip(line));
  }
  return source;
}

std::vector<std::string> files_below(const std::string& folder, const std::vector<std::string>& extensions) {
  std::vector<std::string> found;
  if (!fs::is_directory(kRoot / folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string extension = entry.path().extension().string();
    const bool wanted = std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
    if (entry.is_regular_file() && wanted) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_identifier(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

const std::vector<std::string>& code_folders() {
  static const std::vector<std::string> folders{"runtime", "sim",         "live",     "core",  "models",
                                                "faults",  "experiments", "evidence", "sweep", "plots",
                                                "cli",     "tests",       "bench"};
  return folders;
}

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> all = [] {
    std::vector<SourceFile> found;
    for (const std::string& folder : code_folders()) {
      for (const std::string& file : files_below(folder, {".cpp", ".hpp"})) found.push_back(read(file));
    }
    return found;
  }();
  return all;
}

std::vector<std::string> folders() {
  std::vector<std::string> found;
  for (const std::string& folder : code_folders()) {
    if (!fs::is_directory(kRoot / folder) || fs::is_empty(kRoot / folder)) continue;
    found.push_back(folder);
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.is_directory()) found.push_back(fs::relative(entry.path(), kRoot).generic_string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<SourceFile> pages() {
  std::vector<SourceFile> found{read(kRoot / "README.md")};
  std::vector<std::string> places = code_folders();
  places.insert(places.end(), {"docs", "scripts", "cmake"});
  for (const std::string& folder : places) {
    for (const std::string& file : files_below(folder, {".md"})) found.push_back(read(file));
  }
  return found;
}

std::string read_text(const std::string& path_from_root) {
  std::ifstream in(kRoot / path_from_root, std::ios::binary);
  INFO("reading " << path_from_root);
  REQUIRE(in.good());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool exists(const std::string& path_from_root) {
  return fs::exists(kRoot / path_from_root);
}

Ran run_command(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(("{ " + command + "; } 2>&1 </dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[65536];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.output.append(buffer, n);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

bool has_word(const std::string& line, const std::string& word) {
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool free_before = at == 0 || !is_identifier(word.front()) || !is_identifier(line[at - 1]);
    const bool free_after = end == line.size() || !is_identifier(word.back()) || !is_identifier(line[end]);
    if (free_before && free_after) return true;
  }
  return false;
}

}  // namespace racebed::tests

// The tree as text: what the tests of this folder read. Works on the sources as they lie there, needs no
// build.
#pragma once

#include <string>
#include <vector>

namespace racebed::tests {

struct SourceFile {
  std::string path{};                // from the root: "sim/kernel.hpp"
  std::string text{};                // as it is
  std::vector<std::string> lines{};  // `text`, split
  std::vector<std::string> code{};   // the same lines without comments and without what stands in quotes
};

/// The folders of ours that hold C++, below the root.
const std::vector<std::string>& code_folders();

/// Every .cpp and .hpp below code_folders(), ordered by path.
const std::vector<SourceFile>& sources();

/// Every folder below (and with) code_folders(), ordered; paths from the root.
std::vector<std::string> folders();

/// Every .md of ours, ordered by path; `code` is empty.
std::vector<SourceFile> pages();

/// A file's text; the test fails when it cannot be read.
std::string read_text(const std::string& path_from_root);

bool exists(const std::string& path_from_root);

/// What a command prints on standard output and standard error together, and its exit status.
struct Ran {
  int status = 0;
  std::string output{};
};
Ran run_command(const std::string& command);

/// Whether `word` stands in `line` on its own: an identifier at either end of it is not part of a longer one.
bool has_word(const std::string& line, const std::string& word);

}  // namespace racebed::tests

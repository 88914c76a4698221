// Output files that appear whole or not at all.
#pragma once

#include <string>

namespace racebed::cli {

/// Writes beside the file and renames. Throws experiments::InputError.
void write_file(const std::string& path, const std::string& text);
/// Throws what write_file() would: for a file that is written after long work.
void require_writable(const std::string& path);
/// Throws experiments::InputError.
std::string read_file(const std::string& path);

}  // namespace racebed::cli

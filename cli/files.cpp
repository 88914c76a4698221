#include "cli/files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "experiments/scenario/load.hpp"

namespace racebed::cli {

void write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".tmp";
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0) {
    std::remove(beside.c_str());
    throw experiments::InputError(fmt::format("{}: cannot be written", path));
  }
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw experiments::InputError(fmt::format("{}: cannot be read", path));
  return text.str();
}

}  // namespace racebed::cli

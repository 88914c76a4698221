#include "cli/files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "experiments/scenario/load.hpp"

namespace racebed::cli {

namespace {

std::string beside_of(const std::string& path) {
  return path + ".tmp";
}

[[noreturn]] void cannot_be_written(const std::string& path) {
  throw experiments::InputError(fmt::format("{}: cannot be written", path));
}

}  // namespace

void write_file(const std::string& path, const std::string& text) {
  const std::string beside = beside_of(path);
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0) {
    std::remove(beside.c_str());
    cannot_be_written(path);
  }
}

void require_writable(const std::string& path) {
  const std::string beside = beside_of(path);
  const bool opens = std::ofstream(beside, std::ios::binary).is_open();
  std::remove(beside.c_str());
  if (!opens || std::filesystem::is_directory(path)) cannot_be_written(path);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw experiments::InputError(fmt::format("{}: cannot be read", path));
  return text.str();
}

}  // namespace racebed::cli

// Every input that once broke a target, and every seed, goes through it again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

std::vector<std::filesystem::path> files_of(std::string_view folder, std::string_view target) {
  std::vector<std::filesystem::path> files;
  const auto place = std::filesystem::path(RACEBED_SOURCE_DIR) / "tests/fuzz" / folder / target;
  if (!std::filesystem::exists(place)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(place)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("no input that once broke a target breaks it again, and no seed does") {
  for (const Target& target : kTargets) {
    const auto seeds = files_of("corpus", target.name);
    CHECK(seeds.size() >= 5);
    for (const auto& file : seeds) CHECK_NOTHROW(target.run(bytes_of(file)));
    for (const auto& file : files_of("regressions", target.name)) CHECK_NOTHROW(target.run(bytes_of(file)));
  }
}

}  // namespace racebed::fuzz

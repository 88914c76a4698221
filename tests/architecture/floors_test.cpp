// The floors of docs/architecture.md, held by construction: who can include whom, and what the archives refer
// to.
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/architecture/tree.hpp"

namespace racebed::tests {
namespace {

const std::string kBuild = RACEBED_BINARY_DIR;

/// The compiler that this program was configured with.
std::string compiler() {
  const Ran cache = run_command("sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' " + kBuild + "/CMakeCache.txt");
  return cache.output.substr(0, cache.output.find('\n'));
}

/// Compiles (only the syntax of) one include with the include path of one floor. Not from the root of the
/// tree: a compiler looks for the includes of its standard input in the current folder too.
Ran include(const std::string& floor, const std::string& header) {
  return run_command("cd " + kBuild + "/inc && echo '#include \"" + header + "\"' | " + compiler() +
                     " -std=c++20 -fsyntax-only -I racebed_" + floor + " -x c++ -");
}

struct Reference {
  std::string object;
  std::string symbol;
};

/// Symbols, defined and undefined, of one floor's archive, read as `nm` prints them.
std::vector<Reference> references(const std::string& floor) {
  const Ran nm = run_command("nm -A -C " + kBuild + "/libracebed_" + floor + ".a");
  REQUIRE(nm.status == 0);
  std::vector<Reference> found;
  std::istringstream in(nm.output);
  for (std::string line; std::getline(in, line);) {
    const std::size_t object = line.find(".a:");
    const std::size_t colon = object == std::string::npos ? object : line.find(':', object + 3);
    if (colon == std::string::npos) continue;
    found.push_back({line.substr(object + 3, colon - object - 3), line.substr(colon + 1)});
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

}  // namespace

TEST_CASE("each floor sees the folders it was given, and no other") {
  const std::map<std::string, std::set<std::string>> sees{
      {"runtime", {"runtime"}},
      {"sim", {"runtime", "sim"}},
      {"live", {"runtime", "live"}},
      {"core", {"runtime", "core"}},
      {"models", {"runtime", "models"}},
      {"faults", {"runtime", "sim", "models", "faults"}},
      {"experiments", {"runtime", "sim", "live", "core", "models", "faults", "experiments"}},
      {"evidence", {"runtime", "evidence"}},
      {"plots", {"runtime", "evidence", "plots"}},
      {"sweep", {"runtime", "sim", "live", "core", "models", "faults", "experiments", "evidence", "sweep"}},
  };
  for (const auto& [floor, expected] : sees) {
    const Ran ls = run_command("ls " + kBuild + "/inc/racebed_" + floor);
    std::istringstream in(ls.output);
    std::set<std::string> seen;
    for (std::string folder; in >> folder;) seen.insert(folder);
    INFO("floor " << floor);
    CHECK(seen == expected);
  }
}

TEST_CASE("an include of a folder that a floor may not see does not compile") {
  // First the control: the same include of a folder that it may see does.
  CHECK(include("core", "runtime/time.hpp").status == 0);
  struct Row {
    const char* floor;
    const char* header;
  };
  const std::vector<Row> rows{
      {"core", "sim/kernel.hpp"},         {"core", "models/ledger/fact.hpp"}, {"models", "sim/kernel.hpp"},
      {"models", "core/kube/object.hpp"}, {"sim", "core/kube/object.hpp"},    {"runtime", "sim/kernel.hpp"},
  };
  for (const Row& row : rows) {
    INFO(row.floor << " includes " << row.header);
    REQUIRE(exists(row.header));
    const Ran ran = include(row.floor, row.header);
    CHECK(ran.status != 0);
    CHECK(ran.output.find(row.header) != std::string::npos);
    const bool not_found = ran.output.find("No such file") != std::string::npos ||  // gcc's words
                           ran.output.find("file not found") != std::string::npos;  // clang's
    CHECK(not_found);
  }
}

TEST_CASE("no include climbs out of its folder") {
  for (const SourceFile& file : sources()) {
    for (const std::string& line : file.code) {
      if (!line.starts_with("#include")) continue;
      INFO(file.path << ": " << line);
      CHECK(line.find("..") == std::string::npos);
    }
  }
}

TEST_CASE("the archives refer to no floor beside or above them") {
  const std::map<std::string, std::vector<std::string>> strangers{
      {"runtime", {"sim", "live", "kube", "net", "notification", "obs", "models", "faults", "experiments"}},
      {"live", {"sim", "kube", "net", "notification", "obs", "models", "faults", "experiments"}},
      {"sim", {"live", "kube", "net", "notification", "obs", "models", "faults", "experiments"}},
      {"core", {"sim", "live", "models", "faults", "experiments"}},
      {"models", {"sim", "live", "kube", "net", "notification", "obs", "faults", "experiments"}},
      {"faults", {"live", "kube", "net", "notification", "obs", "experiments"}},
      {"experiments", {"evidence", "plots", "sweep"}},
      {"evidence",
       {"sim", "live", "kube", "net", "notification", "obs", "models", "faults", "experiments", "plots",
        "sweep"}},
      {"plots",
       {"sim", "live", "kube", "net", "notification", "obs", "models", "faults", "experiments", "sweep"}},
  };
  for (const auto& [floor, names] : strangers) {
    for (const Reference& reference : references(floor)) {
      for (const std::string& name : names) {
        if (reference.symbol.find("racebed::" + name + "::") == std::string::npos) continue;
        FAIL_CHECK("racebed_" << floor << ", " << reference.object << ": " << reference.symbol);
      }
    }
  }
}

TEST_CASE("core and models refer to no clock, thread, randomness or environment of the machine") {
  // Asio's and its ssl part's own code is in runtime/asio.cpp; nothing else may reach past the seam.
  const std::vector<std::string> forbidden{
      "clock::now",    "std::random_device", "pthread_create", "std::thread",
      "clock_gettime", "gettimeofday",       "getenv",         "getrandom",
      "getentropy",    "nanosleep",          "usleep",         "std::this_thread",
      "RAND_bytes",    "std::locale::global"};
  const std::vector<std::string> whole{"time",  "rand",      "srand",  "random",
                                       "sleep", "localtime", "gmtime", "fork"};
  for (const std::string floor : {"core", "models"}) {
    for (const Reference& reference : references(floor)) {
      const std::size_t undefined = reference.symbol.find(" U ");
      if (undefined == std::string::npos) continue;
      const std::string symbol = reference.symbol.substr(undefined + 3);
      INFO("racebed_" << floor << ", " << reference.object << ": " << symbol);
      for (const std::string& name : forbidden) CHECK(symbol.find(name) == std::string::npos);
      for (const std::string& name : whole) CHECK(symbol != name);
    }
  }
}

TEST_CASE("the reader of archives does see a clock where there is one") {
  bool seen = false;
  for (const Reference& reference : references("runtime")) {
    if (reference.object == "asio.cpp.o" && reference.symbol.find("clock_gettime") != std::string::npos)
      seen = true;
  }
  CHECK(seen);
}

}  // namespace racebed::tests

// What `racebed run` writes for other people's viewers, read by a parser that is not ours: Debian's protoc,
// with the fields of Perfetto's published definitions that such a trace may have (perfetto.proto).
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

/// protoc's text form, by packet: the lines of each, without its braces and their indentation.
std::vector<std::vector<std::string>> packets_of(const std::string& text) {
  std::vector<std::vector<std::string>> packets;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line == "packet {") {
      packets.emplace_back();
    } else if (line != "}") {
      REQUIRE_FALSE(packets.empty());
      packets.back().push_back(line.substr(line.find_first_not_of(' ')));
    }
  }
  return packets;
}

/// The values of `field` in a packet, in whichever of its messages: "flow_ids: 7".
std::vector<std::string> values_of(const std::vector<std::string>& packet, const std::string& field) {
  std::vector<std::string> values;
  for (const std::string& line : packet) {
    if (line.starts_with(field + ": ")) values.push_back(line.substr(field.size() + 2));
  }
  return values;
}

TEST_CASE(
    "Perfetto: protoc knows every field of a trace, and finds tracks, slices in order, and whole flows") {
  const TemporaryFolder folder;
  const Ran run_ran =
      run({racebed_program(), "run", "leader-kill", "--seed", "3", "--perfetto", "run.pftrace"},
          Bound{30'000}, {.folder = folder.path()});
  INFO(report(run_ran));
  REQUIRE(run_ran.status == 0);
  const Ran decoded = run({"bash", "-c",
                           "protoc --decode=perfetto.protos.Trace --proto_path=" RACEBED_SOURCE_DIR
                           "/tests/e2e/exports perfetto.proto <run.pftrace"},
                          Bound{30'000}, {.folder = folder.path()});
  if (decoded.status == 127) FAIL("protoc is missing: run scripts/test-clients.sh");
  REQUIRE(decoded.status == 0);

  std::set<std::string> tracks, processes, begun, ended;
  std::map<std::string, int> depth;  // by track
  std::uint64_t now = 0;
  for (const std::vector<std::string>& packet : packets_of(decoded.output)) {
    // What protoc does not know it shows by number: "47: 0x1".
    for (const std::string& line : packet) {
      if (line[0] >= '0' && line[0] <= '9') FAIL("no such field: " << line);
    }
    REQUIRE(values_of(packet, "trusted_packet_sequence_id") == std::vector<std::string>{"1"});
    for (const std::string& uuid : values_of(packet, "uuid")) {
      CHECK(tracks.insert(uuid).second);
      CHECK(processes.insert(values_of(packet, "pid").at(0)).second);
      CHECK_FALSE(values_of(packet, "process_name").at(0) == "\"\"");
    }
    const auto types = values_of(packet, "type");
    if (types.empty()) continue;
    const std::uint64_t time = std::stoull(values_of(packet, "timestamp").at(0));
    REQUIRE(time >= now);
    now = time;
    const std::string track = values_of(packet, "track_uuid").at(0);
    REQUIRE(tracks.contains(track));
    depth[track] += types.at(0) == "TYPE_SLICE_BEGIN" ? 1 : -1;
    REQUIRE((depth[track] == 0 || depth[track] == 1));
    for (const std::string& flow : values_of(packet, "flow_ids")) CHECK(begun.insert(flow).second);
    for (const std::string& flow : values_of(packet, "terminating_flow_ids")) {
      ended.insert(flow);
      CHECK(begun.contains(flow));
    }
  }
  CHECK(tracks.size() >= 4);  // two controllers at least, the API server, Slack
  CHECK(begun.size() > 50);
  CHECK(begun == ended);
  for (const auto& [track, open] : depth) CHECK(open == 0);
}

}  // namespace
}  // namespace racebed::tests

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "experiments/export/perfetto.hpp"
#include "experiments/export/shiviz.hpp"
#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"

using namespace racebed;
using namespace racebed::experiments;

namespace {

std::vector<sim::TraceEvent> events_of(const char* scenario) {
  std::vector<sim::TraceEvent> events;
  const Scenario loaded = load_scenario(scenario);
  RunSpec spec{loaded, *find_subject("notification"), 3};
  spec.trace = [&](const sim::TraceEvent& event) { events.push_back(event); };
  execute(std::move(spec));
  return events;
}

sim::TraceEvent event(std::uint64_t number, std::uint64_t cause, const char* process, const char* kind) {
  sim::TraceEvent event;
  event.number = number;
  event.cause = cause;
  event.process = process;
  event.kind = kind;
  event.time = Time{std::chrono::milliseconds{number}};
  return event;
}

/// One message of protobuf, taken apart: field number and its bytes or value, in order.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  std::string bytes;
};
std::vector<Field> fields_of(const std::string& message) {
  std::vector<Field> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      REQUIRE(at < message.size());
      const auto byte = static_cast<unsigned char>(message[at++]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
  };
  while (at < message.size()) {
    const std::uint64_t tag = varint();
    Field field{static_cast<std::uint32_t>(tag >> 3U), 0, {}};
    switch (tag & 7U) {
      case 0:
        field.value = varint();
        break;
      case 1:
        REQUIRE(at + 8 <= message.size());
        for (unsigned i = 0; i < 8; ++i)
          field.value |= std::uint64_t{static_cast<unsigned char>(message[at++])} << (8 * i);
        break;
      case 2: {
        const std::uint64_t size = varint();
        REQUIRE(at + size <= message.size());
        field.bytes = message.substr(at, size);
        at += size;
        break;
      }
      default:
        FAIL("wire type " << (tag & 7U));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}
const Field* find(const std::vector<Field>& fields, std::uint32_t number) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.number == number; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("ShiViz: an event knows what its cause knew, also through events that are not shown") {
  const std::string log = shiviz_log({event(1, 0, "a#1", "sends"), event(2, 1, "b#1", "task"),
                                      event(3, 2, "b#1", "answers"), event(4, 0, "", "rains")});
  CHECK(log ==
        "00:00:00.001000 sends \na#1 {\"a#1\":1}\n"
        "00:00:00.003000 answers \nb#1 {\"a#1\":1,\"b#1\":1}\n"
        "00:00:00.004000 rains \nworld {\"world\":1}\n");
}

TEST_CASE("ShiViz: each host's own count goes up by one, and no clock runs backwards") {
  for (const char* scenario : {"leader-kill", "create-delete-create", "rolling-update"}) {
    CAPTURE(scenario);
    std::istringstream in(shiviz_log(events_of(scenario)));
    std::map<std::string, nlohmann::json> last;
    std::size_t events = 0;
    std::size_t foreign = 0;
    for (std::string words, clock_line; std::getline(in, words) && std::getline(in, clock_line); ++events) {
      const std::size_t space = clock_line.find(' ');
      const std::string host = clock_line.substr(0, space);
      const auto clock = nlohmann::json::parse(clock_line.substr(space + 1));
      const nlohmann::json& before = last[host];
      CHECK(clock.at(host) == (before.is_null() ? 0 : before.at(host).get<int>()) + 1);
      for (const auto& [other, time] : before.items()) CHECK(clock.at(other) >= time);
      foreign += clock.size() > 1;
      last[host] = clock;
    }
    CHECK(events > 100);
    CHECK(foreign > 50);
  }
}

TEST_CASE(
    "Perfetto: every packet is read back: tracks, slices that nest in no other, flows that begin and end") {
  const std::vector<sim::TraceEvent> events = events_of("leader-kill");
  const std::string bytes = perfetto_trace(events);
  std::set<std::uint64_t> tracks, begun_flows, ended_flows;
  std::map<std::uint64_t, bool> open;
  std::uint64_t now = 0;
  std::size_t slices = 0;
  for (const Field& packet : fields_of(bytes)) {
    REQUIRE(packet.number == 1);
    const auto fields = fields_of(packet.bytes);
    CHECK(find(fields, 10)->value == 1);
    if (const Field* described = find(fields, 60)) {
      const auto descriptor = fields_of(described->bytes);
      CHECK(tracks.insert(find(descriptor, 1)->value).second);
      CHECK_FALSE(find(descriptor, 2)->bytes.empty());
      CHECK(find(fields_of(find(descriptor, 3)->bytes), 6)->bytes == find(descriptor, 2)->bytes);
      continue;
    }
    CHECK(find(fields, 8)->value > now);
    now = find(fields, 8)->value;
    const auto slice = fields_of(find(fields, 11)->bytes);
    const std::uint64_t track = find(slice, 11)->value;
    CHECK(tracks.contains(track));
    const bool begins = find(slice, 9)->value == 1;
    CHECK(open[track] != begins);
    open[track] = begins;
    slices += begins;
    if (const Field* flow = find(slice, 47)) begun_flows.insert(flow->value);
    if (const Field* flow = find(slice, 48)) ended_flows.insert(flow->value);
  }
  CHECK(slices == events.size());
  CHECK(begun_flows == ended_flows);
  CHECK(begun_flows.size() > 50);
}

TEST_CASE("the same run gives the same exports") {
  CHECK(perfetto_trace(events_of("happy-path")) == perfetto_trace(events_of("happy-path")));
  CHECK(shiviz_log(events_of("happy-path")) == shiviz_log(events_of("happy-path")));
}

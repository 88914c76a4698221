#include "experiments/export/perfetto.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

namespace racebed::experiments {
namespace {

/// A protobuf message under construction (https://protobuf.dev/programming-guides/encoding).
class Message {
 public:
  void number(std::uint32_t field, std::uint64_t value) {
    varint(field << 3U);
    varint(value);
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    varint(field << 3U | 1U);
    for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xFFU);
  }
  void text(std::uint32_t field, std::string_view value) {
    varint(field << 3U | 2U);
    varint(value.size());
    bytes_ += value;
  }
  void message(std::uint32_t field, const Message& value) { text(field, value.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

// Field numbers of protos/perfetto/trace.
namespace trace {
constexpr std::uint32_t kPacket = 1;
}
namespace packet {
constexpr std::uint32_t kTimestamp = 8, kSequence = 10, kTrackEvent = 11, kTrackDescriptor = 60;
}
namespace descriptor {
constexpr std::uint32_t kUuid = 1, kName = 2, kProcess = 3;
}
namespace process {
constexpr std::uint32_t kPid = 1, kName = 6;
}
namespace event {
constexpr std::uint32_t kAnnotations = 4, kType = 9, kTrack = 11, kCategories = 22, kName = 23, kFlows = 47,
                        kEndingFlows = 48;
constexpr std::uint64_t kSliceBegin = 1, kSliceEnd = 2;
}  // namespace event
namespace annotation {
constexpr std::uint32_t kText = 6, kName = 10;
}
constexpr std::uint64_t kOneSequence = 1;

class Trace {
 public:
  explicit Trace(const std::vector<sim::TraceEvent>& events) {
    std::map<std::uint64_t, std::string> process_of;
    for (const sim::TraceEvent& event : events) {
      process_of[event.number] = event.process;
      const auto cause = process_of.find(event.cause);
      if (cause != process_of.end() && cause->second != event.process) flows_.insert(event.cause);
      if (tracks_.try_emplace(event.process, tracks_.size() + 1).second) describe(event.process);
    }
    for (const sim::TraceEvent& event : events) {
      const auto cause = process_of.find(event.cause);
      slice(event, cause != process_of.end() && cause->second != event.process);
    }
  }
  std::string bytes() const { return trace_.bytes(); }

 private:
  void describe(const std::string& name) {
    const std::string shown = name.empty() ? "world" : name;
    const std::uint64_t track = tracks_.at(name);
    Message own;
    own.number(process::kPid, track);
    own.text(process::kName, shown);
    Message described;
    described.number(descriptor::kUuid, track);
    described.text(descriptor::kName, shown);
    described.message(descriptor::kProcess, own);
    Message packet;
    packet.number(packet::kSequence, kOneSequence);
    packet.message(packet::kTrackDescriptor, described);
    trace_.message(trace::kPacket, packet);
  }

  void slice(const sim::TraceEvent& traced, bool ends_flow) {
    const auto time = static_cast<std::uint64_t>(traced.time.time_since_epoch().count());
    now_ = std::max(now_ + 2, time);
    Message begin;
    begin.number(event::kType, event::kSliceBegin);
    begin.number(event::kTrack, tracks_.at(traced.process));
    begin.text(event::kCategories, "racebed");
    begin.text(event::kName, traced.kind);
    if (!traced.fields.empty()) {
      Message fields;
      fields.text(annotation::kText, traced.fields);
      fields.text(annotation::kName, "fields");
      begin.message(event::kAnnotations, fields);
    }
    if (flows_.contains(traced.number)) begin.fixed64(event::kFlows, traced.number);
    if (ends_flow) begin.fixed64(event::kEndingFlows, traced.cause);
    put(now_, begin);
    Message end;
    end.number(event::kType, event::kSliceEnd);
    end.number(event::kTrack, tracks_.at(traced.process));
    put(now_ + 1, end);
  }

  void put(std::uint64_t time, const Message& what) {
    Message packet;
    packet.number(packet::kTimestamp, time);
    packet.number(packet::kSequence, kOneSequence);
    packet.message(packet::kTrackEvent, what);
    trace_.message(trace::kPacket, packet);
  }

  Message trace_;
  std::map<std::string, std::uint64_t> tracks_;  // by process; from 1
  std::set<std::uint64_t> flows_;                // events that cause something in another process
  std::uint64_t now_ = 0;
};

}  // namespace

std::string perfetto_trace(const std::vector<sim::TraceEvent>& events) {
  return Trace(events).bytes();
}

}  // namespace racebed::experiments

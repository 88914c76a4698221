// What the network asks before it does anything: how long this takes, and does it go through? Calm weather is
// a complete answer; faults give others. Nothing below a fault knows that it is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/time.hpp"
#include "sim/choices.hpp"

namespace racebed::sim {

/// One way between two hosts.
struct Link {
  std::string_view from;         // host names
  std::string_view to;           // of an address that nobody has: its text
  std::uint16_t port = 0;        // of the listening side
  std::uint64_t connection = 0;  // of an established one: later ones have higher numbers
};

struct LookupVerdict {
  enum class Outcome { found, no_such_name, server_failure, silence } outcome = Outcome::found;
  Duration after{0};
  /// What is found, in this order, instead of the truth: each a host's name, whose address it then is, or the
  /// text of an address, which may be nobody's. Empty: the truth.
  std::vector<std::string> answers{};
};
struct ConnectVerdict {
  enum class Outcome {
    normal,
    refused,
    network_unreachable,
    host_unreachable,
    silence  // nobody ever answers
  } outcome = Outcome::normal;
  Duration latency{0};  // one way
};
struct SegmentVerdict {
  enum class Outcome {
    deliver,
    reset,   // the connection breaks for both ends
    silence  // this and all that follows in this direction is lost; neither end hears of it
  } outcome = Outcome::deliver;
  Duration latency{0};  // of a reset: until the receiver hears of it; the sender does at once
};

/// Declared by the network, implemented by the weather and by faults. Latencies are at least 0; order within
/// a connection is kept whatever they are.
class LinkPolicy {
 public:
  virtual ~LinkPolicy() = default;
  virtual LookupVerdict lookup(std::string_view from, std::string_view name) = 0;
  /// Of an address that nobody has, a normal answer is that the host is unreachable.
  virtual ConnectVerdict connect(const Link& link) = 0;
  /// `bytes` is 0 for the end of the stream and for resets.
  virtual SegmentVerdict segment(const Link& link, std::size_t bytes) = 0;
  /// How many bytes one read from `link`, or one write to it, passes at most. At least 1.
  virtual std::size_t bytes_max(const Link&) { return SIZE_MAX; }
};

struct CalmOptions {
  Duration latency_min = std::chrono::microseconds{200};
  Duration latency_spread = std::chrono::microseconds{600};  // drawn uniformly on top, in steps of 1 µs
  Duration lookup_latency = std::chrono::milliseconds{1};
};

/// Everything arrives, after a drawn latency.
class CalmLinks : public LinkPolicy {
 public:
  CalmLinks(Choices& choices, CalmOptions options) : choices_(choices), options_(options) {}
  LookupVerdict lookup(std::string_view from, std::string_view name) override;
  ConnectVerdict connect(const Link& link) override;
  SegmentVerdict segment(const Link& link, std::size_t bytes) override;

 private:
  Duration latency();
  Choices& choices_;
  CalmOptions options_;
};

}  // namespace racebed::sim

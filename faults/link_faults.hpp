// Faults of the network and the name server: answers the network's questions, on top of calm weather.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "faults/active.hpp"
#include "sim/bandwidth.hpp"
#include "sim/kernel.hpp"
#include "sim/link_policy.hpp"

namespace racebed::faults {

struct MessageVerdict {
  enum class Outcome {
    deliver,
    lost,     // and nobody hears of it
    refused,  // it does not reach the server, and the client knows that
    reset     // it does not arrive, and the client cannot tell how far it came
  } outcome = Outcome::deliver;
  Duration latency{0};
};

class LinkFaults final : public sim::LinkPolicy {
 public:
  /// `calm` says what happens where no fault does. Both must outlive it.
  LinkFaults(sim::Kernel& kernel, sim::LinkPolicy& calm) : kernel_(kernel), calm_(calm) {}
  void begin(ActivePtr fault);

  sim::LookupVerdict lookup(std::string_view from, std::string_view name) override;
  sim::ConnectVerdict connect(const sim::Link& link) override;
  sim::SegmentVerdict segment(const sim::Link& link, std::size_t bytes) override;

  std::size_t bytes_max(const sim::Link& link) override;

  /// The same weather for messages that go without a connection: what becomes of one of `bytes` bytes between
  /// two processes, a request (`from_client`) or an answer.
  MessageVerdict message(std::string_view client, std::string_view server, bool from_client,
                         std::size_t bytes);

 private:
  /// What the fault does to a message between a covered process and its other host.
  void strike(Active& fault, bool from_client, std::size_t bytes, std::string_view from, std::string_view to,
              sim::SegmentVerdict& verdict);

  sim::Kernel& kernel_;
  sim::LinkPolicy& calm_;
  ActiveSet transport_;
  ActiveSet names_;
  std::uint64_t newest_connection_ = 0;
  std::map<const Active*, std::uint64_t> newest_when_begun_;  // looked up, never iterated
  std::map<const Active*, sim::Bandwidth> pipes_;             // likewise
};

}  // namespace racebed::faults

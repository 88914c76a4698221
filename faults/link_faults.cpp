#include "faults/link_faults.hpp"

#include <algorithm>
#include <utility>

namespace racebed::faults {
namespace {

using sim::ConnectVerdict;
using sim::LookupVerdict;
using sim::SegmentVerdict;

/// Where the name pointed before; nobody has it any more.
constexpr std::string_view kOldAddress = "10.255.255.1";

/// Whether the fault is on this way; `from_client`: in the direction of the one that connected.
bool is_on(const Active& fault, std::string_view client, std::string_view server) {
  return fault.covers(client) && is_named(fault.plan().to, server);
}

}  // namespace

void LinkFaults::begin(ActivePtr fault) {
  newest_when_begun_[fault.get()] = newest_connection_;
  if (fault->is("net-bandwidth")) {
    const auto rate = static_cast<std::uint64_t>(fault->integer("bytes_per_second"));
    pipes_.insert_or_assign(fault.get(), sim::Bandwidth(rate));
  }
  (fault->info().place == Place::names ? names_ : transport_).add(std::move(fault));
}

LookupVerdict LinkFaults::lookup(std::string_view from, std::string_view name) {
  LookupVerdict verdict = calm_.lookup(from, name);
  for (const ActivePtr& fault : names_.now()) {
    if (!fault->covers(from) || !fault->strikes(kernel_.choices())) continue;
    if (fault->is("dns-nxdomain")) verdict.outcome = LookupVerdict::Outcome::no_such_name;
    if (fault->is("dns-servfail")) verdict.outcome = LookupVerdict::Outcome::server_failure;
    if (fault->is("dns-silent")) verdict.outcome = LookupVerdict::Outcome::silence;
    if (fault->is("dns-slow")) verdict.after += fault->duration("delay");
    if (fault->is("dns-changed-address")) verdict.answers = {std::string(kOldAddress)};
  }
  return verdict;
}

ConnectVerdict LinkFaults::connect(const sim::Link& link) {
  using Outcome = ConnectVerdict::Outcome;
  ConnectVerdict verdict = calm_.connect(link);
  for (const ActivePtr& fault : transport_.now()) {
    if (!is_on(*fault, link.from, link.to)) continue;
    const bool refuses = fault->is("net-refused") || fault->is("net-unreachable") ||
                         fault->is("net-black-hole") || fault->is("net-one-way") ||
                         (fault->is("net-reset") && fault->word("when") == "before");
    if (refuses && !fault->strikes(kernel_.choices())) continue;
    if (fault->is("net-refused") || fault->is("net-reset")) {
      if (refuses) verdict.outcome = Outcome::refused;
    } else if (fault->is("net-unreachable")) {
      verdict.outcome =
          fault->word("what") == "network" ? Outcome::network_unreachable : Outcome::host_unreachable;
    } else if (refuses) {
      verdict.outcome = Outcome::silence;
    } else if (fault->is("net-latency")) {
      verdict.latency += fault->duration("delay");
    }
  }
  return verdict;
}

SegmentVerdict LinkFaults::segment(const sim::Link& link, std::size_t bytes) {
  SegmentVerdict verdict = calm_.segment(link, bytes);
  newest_connection_ = std::max(newest_connection_, link.connection);
  for (const ActivePtr& fault : transport_.now()) {
    const bool from_client = is_on(*fault, link.from, link.to);
    if (!from_client && !is_on(*fault, link.to, link.from)) continue;
    if (fault->is("net-half-open") && link.connection > newest_when_begun_.at(fault.get())) continue;
    strike(*fault, from_client, bytes, link.from, link.to, verdict);
  }
  return verdict;
}

MessageVerdict LinkFaults::message(std::string_view client, std::string_view server, bool from_client,
                                   std::size_t bytes) {
  MessageVerdict verdict;
  SegmentVerdict way;
  for (const ActivePtr& fault : transport_.now()) {
    if (!is_on(*fault, client, server)) continue;
    const bool unconnected = fault->is("net-refused") || fault->is("net-unreachable") ||
                             (fault->is("net-reset") && fault->word("when") == "before");
    if (unconnected && from_client && fault->strikes(kernel_.choices())) {
      verdict.outcome = MessageVerdict::Outcome::refused;
    } else {
      strike(*fault, from_client, bytes, from_client ? client : server, from_client ? server : client, way);
    }
  }
  if (way.outcome == SegmentVerdict::Outcome::silence) verdict.outcome = MessageVerdict::Outcome::lost;
  if (way.outcome == SegmentVerdict::Outcome::reset) verdict.outcome = MessageVerdict::Outcome::reset;
  verdict.latency = way.latency;
  return verdict;
}

std::size_t LinkFaults::bytes_max(const sim::Link& link) {
  std::size_t most = calm_.bytes_max(link);
  for (const ActivePtr& fault : transport_.now()) {
    if (!fault->is("net-tiny-reads")) continue;
    const bool on_it = is_on(*fault, link.from, link.to) || is_on(*fault, link.to, link.from);
    if (on_it && fault->strikes(kernel_.choices()))
      most = std::min(most, static_cast<std::size_t>(fault->integer("bytes")));
  }
  return most;
}

void LinkFaults::strike(Active& fault, bool from_client, std::size_t bytes, std::string_view from,
                        std::string_view to, SegmentVerdict& verdict) {
  using Outcome = SegmentVerdict::Outcome;
  sim::Choices& choices = kernel_.choices();
  if (fault.is("net-black-hole") || fault.is("net-half-open")) {
    if (fault.strikes(choices)) verdict.outcome = Outcome::silence;
  } else if (fault.is("net-one-way")) {
    if ((fault.word("lost") == "requests") == from_client && fault.strikes(choices))
      verdict.outcome = Outcome::silence;
  } else if (fault.is("net-reset")) {
    const bool here = fault.word("when") == (from_client ? "during" : "after");
    if (here && bytes > 0 && fault.strikes(choices)) verdict.outcome = Outcome::reset;
  } else if (fault.is("net-latency")) {
    if (!fault.strikes(choices)) return;
    const auto jitter = static_cast<std::uint64_t>(fault.duration("jitter") / std::chrono::milliseconds{1});
    verdict.latency +=
        fault.duration("delay") + std::chrono::milliseconds{choices.pick(jitter + 1, "net-jitter")};
  } else if (fault.is("net-bandwidth")) {
    verdict.latency += pipes_.at(&fault).delay(from, to, bytes, kernel_.now());
  }
}

}  // namespace racebed::faults

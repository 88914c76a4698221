#include "faults/link_faults.hpp"

#include <algorithm>
#include <utility>

namespace racebed::faults {
namespace {

using sim::ConnectVerdict;
using sim::LookupVerdict;
using sim::SegmentVerdict;

/// Whether the fault is on this way; `from_client`: in the direction of the one that connected.
bool is_on(const Active& fault, std::string_view client, std::string_view server) {
  return fault.covers(client) && is_named(fault.plan().to, server);
}

}  // namespace

void LinkFaults::begin(ActivePtr fault) {
  newest_when_begun_[fault.get()] = newest_connection_;
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
    strike(*fault, from_client, bytes, std::string(link.from) + ">" + std::string(link.to), verdict);
  }
  return verdict;
}

SegmentVerdict LinkFaults::message(std::string_view from, std::string_view to, bool from_client,
                                   std::size_t bytes) {
  SegmentVerdict verdict;
  const std::string_view client = from_client ? from : to;
  const std::string_view server = from_client ? to : from;
  for (const ActivePtr& fault : transport_.now()) {
    if (!is_on(*fault, client, server)) continue;
    const bool unconnected = fault->is("net-refused") || fault->is("net-unreachable");
    if (unconnected && from_client && fault->strikes(kernel_.choices())) {
      verdict.outcome = SegmentVerdict::Outcome::reset;
    } else {
      strike(*fault, from_client, bytes, std::string(from) + ">" + std::string(to), verdict);
    }
  }
  return verdict;
}

void LinkFaults::strike(Active& fault, bool from_client, std::size_t bytes, const std::string& way,
                        SegmentVerdict& verdict) {
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
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto size = static_cast<std::int64_t>(bytes);
    Time& busy = busy_until_[way];
    busy = std::max(busy, kernel_.now()) + Duration{size * kSecond / fault.integer("bytes_per_second")};
    verdict.latency += busy - kernel_.now();
  }
}

}  // namespace racebed::faults

// What the network and the name server can do wrong.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo net(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters = {}) {
  return {id, "transport", Place::link, true, stands_for, std::move(parameters)};
}
FaultInfo dns(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters = {}) {
  return {id, "names", Place::names, true, stands_for, std::move(parameters)};
}

}  // namespace

std::vector<FaultInfo> network_catalogue() {
  return {
      net("net-refused", "nobody listens: connections are refused"),
      net("net-unreachable", "no route: connections fail at once",
          {word("what", {"network", "host"}, "what is said to be unreachable")}),
      net("net-black-hole",
          "a firewall drops everything: connections never come about, open ones fall silent"),
      net("net-reset", "a middlebox resets connections",
          {word("when", {"during", "before", "after"},
                "while the request is on its way, when the connection is made, or when the answer is")}),
      net("net-half-open",
          "the peer's host is gone without a word: open connections fall silent, new ones "
          "work"),
      net("net-one-way", "packets get through in one direction only",
          {word("lost", {"answers", "requests"}, "which way is lost")}),
      net("net-latency", "a slow or far network",
          {duration("delay", 10min, 200ms, "added each way"), duration("jitter", 10min, 0s, "drawn on top")}),
      net("net-bandwidth", "a thin pipe",
          {integer("bytes_per_second", 1, 1'000'000'000, 10'000, "bytes per second each way")}),
      net("net-tiny-reads", "a network that hands out single bytes",
          {integer("bytes", 1, 65'536, 1, "the most that one read or write passes")}),
      dns("dns-nxdomain", "the name is not known: a typing error, a deleted zone"),
      dns("dns-servfail", "the name server fails"),
      dns("dns-slow", "a slow name server", {duration("delay", 10min, 3s, "before its answer")}),
      dns("dns-silent", "the name server does not answer"),
      dns("dns-changed-address",
          "the name's address has changed, and the old one is still handed out: nobody "
          "listens there"),
  };
}

}  // namespace racebed::faults

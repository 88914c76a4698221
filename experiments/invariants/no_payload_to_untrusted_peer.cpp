#include <fmt/format.h>

#include <map>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/trust.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: whoever answers for Slack presents a certificate that nobody should accept, or none.
class NoPayloadToUntrustedPeer final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      open(fact, *opened);
    } else if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      judge(fact, request->connection, request->token, "a message");
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      judge(fact, answered->connection, answered->token, "a request with its credentials");
    }
  }

 private:
  void open(const models::Fact& fact, const models::ConnectionOpened& opened) {
    const bool plain = opened.tls.empty() && opened.certificate.empty();
    if (plain ? !scenario().world.slack_tls : is_trustworthy(opened.certificate, fact.time)) return;
    reach();
    untrusted_[opened.connection] = {
        plain ? "without TLS" : "with a certificate that is " + opened.certificate, fact.number};
  }

  void judge(const models::Fact& fact, std::uint64_t connection, const std::string& token,
             const char* payload) {
    const auto found = untrusted_.find(connection);
    if (found == untrusted_.end()) return;
    Violation violation;
    violation.what = fmt::format("{}{}{} went over connection {}, to a peer {}", payload,
                                 token.empty() ? "" : " of ", token, connection, found->second.why);
    violation.time = fact.time;
    violation.token = token;
    if (const Incarnation* incarnation = history().by_token(token)) violation.uid = incarnation->uid;
    violation.facts = {found->second.fact, fact.number};
    violate(std::move(violation));
    untrusted_.erase(found);  // told once
  }

  struct Peer {
    std::string why;
    std::uint64_t fact = 0;
  };
  std::map<std::uint64_t, Peer> untrusted_;  // by connection
};

}  // namespace

const InvariantInfo kNoPayloadToUntrustedPeer = {
    "no-payload-to-untrusted-peer",
    "No request goes over a connection whose certificate is not acceptable, or in plain where TLS is "
    "declared.",
    "requested and answered facts against the connections that they came over", Duration{0},
    make_invariant<NoPayloadToUntrustedPeer>};

}  // namespace racebed::experiments

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/trust.hpp"
#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification for Slack failed, and all handshakes of its time ended on a
/// certificate that is not acceptable. Handshakes belong to no notification, so other reasons for a failure
/// must be excluded: nothing but certificates was wrong, and no controller came or went.
class TlsErrorNamedInStatus final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    weather_.on_fact(fact);
    if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      const bool failed = !opened->tls.empty() && opened->tls != "ok";
      const bool by_certificate =
          failed && !opened->certificate.empty() && !is_trustworthy(opened->certificate, fact.time);
      handshakes_.push_back({fact.time, fact.number, opened->certificate, by_certificate});
    }
  }

  void at_end(const FinalState&) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      const auto& channels = incarnation.channels;
      if (std::find(channels.begin(), channels.end(), "slack") == channels.end() || !incarnation.object)
        continue;
      // Until its last failure was recorded; a handshake after that is another's.
      const auto shown = incarnation.failures_shown.find("slack");
      if (shown != incarnation.failures_shown.end() && !shown->second.empty())
        judge(incarnation, shown->second.back());
    }
  }

 private:
  struct Handshake {
    Time time;
    std::uint64_t fact = 0;
    std::string certificate;
    bool failed_by_certificate = false;
  };

  void judge(const Incarnation& incarnation, Time end) {
    for (const Try* made : tries_on(incarnation, "slack")) {
      if (made->at <= end) return;
    }
    if (weather_.acted({"net-", "dns-", "http-", "process-", "api-", "etcd-", "clock-", "tls-handshake",
                        "tls-garbage", "tls-no-common", "tls-client"},
                       incarnation.created, end) ||
        weather_.unrest(incarnation.created, end))
      return;
    std::vector<const Handshake*> of_its_time;
    for (const Handshake& handshake : handshakes_) {
      if (handshake.time < incarnation.created || handshake.time > end) continue;
      if (!handshake.failed_by_certificate) return;
      of_its_time.push_back(&handshake);
    }
    if (of_its_time.empty()) return;
    std::vector<std::string> errors;
    for (const models::Json& attempt : attempts_of(*incarnation.object)) {
      if (attempt.value("channel", "") == "slack" && is_made_failure(attempt))
        errors.push_back(attempt.value("error", ""));
    }
    if (errors.empty()) return;
    reach();
    for (const std::string& error : errors) {
      for (const Handshake* handshake : of_its_time) {
        if (names_certificate_failure(error, handshake->certificate)) return;
      }
    }
    violate(&incarnation, end, {of_its_time.front()->fact, incarnation.status_fact},
            fmt::format("Slack's certificate was {}, and the status of {} says only \"{}\"",
                        of_its_time.front()->certificate, incarnation.token, errors.front().substr(0, 120)));
  }

  Weather weather_;
  std::vector<Handshake> handshakes_;
};

}  // namespace

const InvariantInfo kTlsErrorNamedInStatus = {
    "tls-error-named-in-status",
    "Where the certificate was the reason, a recorded attempt says TLS or certificate, and what was wrong "
    "with it.",
    "handshakes against the errors of recorded attempts", Duration{0}, make_invariant<TlsErrorNamedInStatus>};

}  // namespace racebed::experiments

#include "experiments/invariants/patience.hpp"

#include <algorithm>

namespace racebed::experiments {
namespace {

/// No breaker opens after fewer failures.
constexpr std::size_t kFailuresOfABreaker = 3;
constexpr Duration kBreaker = std::chrono::seconds{330};
constexpr Duration kQuestion = std::chrono::seconds{90};

bool any_within(const std::vector<Time>& times, Time from, Time to) {
  return std::any_of(times.begin(), times.end(), [&](Time time) { return time >= from && time <= to; });
}

}  // namespace

void Patience::on_fact(const models::Fact& fact) {
  weather_.on_fact(fact);
  if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
    if (answered->status == 0 || answered->status == 429 || answered->status >= 500) ++failures_;
    if (!answered->refusal.empty()) no_messages_.push_back(fact.time);
  } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
    if (opened->tls.empty() || opened->tls == "ok") return;
    ++failures_;
    handshakes_failed_.push_back(fact.time);
    if (!opened->certificate.empty()) certificates_refused_.push_back(fact.time);
  } else if (const auto* fired = std::get_if<models::FaultFired>(&fact.what)) {
    // Nobody counts connections that never reach Slack, or answers that never leave it.
    const std::string& id = fired->fault;
    if (id.starts_with("net-") || id.starts_with("dns-") || id.starts_with("http-slow"))
      failures_ += kFailuresOfABreaker;
  }
}

Duration Patience::doubts(bool surely_refused) const {
  Duration doubts{0};
  if (failures_ >= kFailuresOfABreaker) doubts += kBreaker;
  if (!surely_refused) doubts += kQuestion;
  return doubts;
}

bool Patience::handshakes_failed(Time from, Time to) const {
  return any_within(handshakes_failed_, from, to);
}

bool Patience::certificates_refused(Time from, Time to) const {
  return any_within(certificates_refused_, from, to);
}

bool Patience::refused_as_no_message(Time from, Time to) const {
  return any_within(no_messages_, from, to);
}

}  // namespace racebed::experiments

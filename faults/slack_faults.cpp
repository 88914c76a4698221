#include "faults/slack_faults.hpp"

#include <utility>

#include "runtime/assert.hpp"

namespace racebed::faults {
namespace {

using models::SlackVerdict;

SlackVerdict refusal(const Active& fault, int status) {
  SlackVerdict verdict;
  verdict.outcome = SlackVerdict::Outcome::refuse;
  verdict.status = status;
  if (fault.info().parameter("retry_after") >= 0 && fault.duration("retry_after") > Duration{0})
    verdict.retry_after = fault.duration("retry_after");
  return verdict;
}

SlackVerdict with_body(SlackVerdict::Body body) {
  SlackVerdict verdict;
  verdict.body = body;
  return verdict;
}

SlackVerdict with_outcome(SlackVerdict::Outcome outcome) {
  SlackVerdict verdict;
  verdict.outcome = outcome;
  return verdict;
}

SlackVerdict verdict_of(const Active& fault) {
  if (fault.is("http-status")) return refusal(fault, static_cast<int>(fault.integer("status")));
  if (fault.is("channel-outage")) return refusal(fault, static_cast<int>(fault.integer("status")));
  if (fault.is("http-rate-limited")) return refusal(fault, 429);
  if (fault.is("http-slow-headers")) {
    SlackVerdict verdict;
    (fault.word("accepts") == "before" ? verdict.before_answer : verdict.before_acceptance) =
        fault.duration("delay");
    return verdict;
  }
  if (fault.is("http-body-stalled")) return with_body(SlackVerdict::Body::stalled);
  if (fault.is("http-body-cut")) return with_body(SlackVerdict::Body::cut);
  if (fault.is("http-malformed")) return with_body(SlackVerdict::Body::malformed);
  if (fault.is("http-answer-lost")) return with_outcome(SlackVerdict::Outcome::accept_then_lose);
  if (fault.is("http-dropped")) return with_outcome(SlackVerdict::Outcome::drop);
  RACEBED_ASSERT(false, "every http fault of the catalogue is a verdict");
  return {};
}

models::ChainKind chain_of(const Active& fault) {
  const std::string_view name =
      fault.is("tls-swapped") ? fault.word("chain") : fault.info().id.substr(std::string_view("tls-").size());
  for (models::ChainKind kind : models::kChainKinds) {
    if (to_text(kind) == name) return kind;
  }
  RACEBED_ASSERT(false, "every tls fault of the catalogue is a chain");
  return models::ChainKind::good;
}

}  // namespace

void SlackFaults::begin(ActivePtr fault) {
  (fault->info().family == "tls" ? tls_ : http_).add(std::move(fault));
}

models::ChainKind SlackFaults::chain(std::uint64_t) {
  for (const ActivePtr& fault : tls_.now()) {
    if (fault->strikes(choices_)) return chain_of(*fault);
  }
  return calm_;
}

SlackVerdict SlackFaults::post(std::uint64_t) {
  for (const ActivePtr& fault : http_.now()) {
    if (fault->strikes(choices_)) return verdict_of(*fault);
  }
  return {};
}

}  // namespace racebed::faults

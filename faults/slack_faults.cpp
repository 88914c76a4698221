#include "faults/slack_faults.hpp"

#include <array>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::faults {
namespace {

using models::SlackVerdict;

SlackVerdict refusal(const Active& fault, int status) {
  SlackVerdict verdict;
  verdict.outcome = SlackVerdict::Outcome::refuse;
  verdict.status = status;
  if (status >= 300 && status < 400) verdict.location = "/elsewhere";
  if (fault.is("http-redirect") && fault.word("to") == "page")
    verdict.location = std::string(models::kSignInPage);
  if (fault.is("http-status") && fault.word("page") != "short") {
    verdict.proxy_page = true;
    if (fault.word("page") == "huge") verdict.page_bytes = std::size_t{256} * 1024;
  }
  if (fault.info().parameter("retry_after") >= 0 && fault.duration("retry_after") > Duration{0}) {
    verdict.retry_after = fault.duration("retry_after");
    verdict.retry_after_as_date = fault.word("retry_after_form") == "date";
  }
  return verdict;
}

SlackVerdict captive_page() {
  SlackVerdict verdict;
  verdict.outcome = SlackVerdict::Outcome::refuse;
  verdict.status = 200;
  verdict.proxy_page = true;
  return verdict;
}

SlackVerdict with_body(SlackVerdict::Body body) {
  SlackVerdict verdict;
  verdict.body = body;
  return verdict;
}

SlackVerdict malformed(const Active& fault) {
  using Body = SlackVerdict::Body;
  // In the order of the words.
  constexpr std::array<Body, 4> kHow = {Body::malformed, Body::bad_json, Body::huge_head, Body::not_http};
  return with_body(kHow.at(static_cast<std::size_t>(fault.integer("how"))));
}

/// A verdict that ends the connection in the way that the fault says.
SlackVerdict broken(const Active& fault, SlackVerdict verdict) {
  if (fault.word("how") == "reset") verdict.close_kind = CloseKind::abort;
  return verdict;
}

SlackVerdict with_outcome(SlackVerdict::Outcome outcome) {
  SlackVerdict verdict;
  verdict.outcome = outcome;
  return verdict;
}

SlackVerdict slow(const Active& fault) {
  SlackVerdict verdict;
  if (fault.is("http-slow-body")) {
    verdict.body =
        fault.word("what") == "body" ? SlackVerdict::Body::slow_body : SlackVerdict::Body::slow_head;
    verdict.interval = fault.duration("delay");
  } else {
    (fault.word("accepts") == "before" ? verdict.before_answer : verdict.before_acceptance) =
        fault.duration("delay");
  }
  return verdict;
}

SlackVerdict not_ok(const Active& fault) {
  SlackVerdict verdict = with_outcome(SlackVerdict::Outcome::refuse);
  verdict.status = 200;
  verdict.error = fault.word("error");
  return verdict;
}

SlackVerdict verdict_of(const Active& fault) {
  using Body = SlackVerdict::Body;
  using Outcome = SlackVerdict::Outcome;
  if (fault.is("http-status") || fault.is("http-redirect") || fault.is("channel-outage"))
    return refusal(fault, static_cast<int>(fault.integer("status")));
  if (fault.is("http-captive-page")) return captive_page();
  if (fault.is("http-rate-limited")) return refusal(fault, 429);
  if (fault.is("http-slow-headers") || fault.is("http-slow-body")) return slow(fault);
  if (fault.is("http-body-stalled"))
    return with_body(fault.word("where") == "body" ? Body::stalled : Body::stalled_head);
  if (fault.is("http-body-cut")) return broken(fault, with_body(Body::cut));
  if (fault.is("http-interim-answers")) return with_body(Body::interim_first);
  if (fault.is("http-wrong-length"))
    return with_body(fault.word("which") == "too-long" ? Body::length_too_great : Body::length_too_small);
  if (fault.is("http-malformed")) return malformed(fault);
  if (fault.is("http-huge-body")) return with_body(Body::huge);
  if (fault.is("http-says-not-ok")) return not_ok(fault);
  if (fault.is("http-answer-lost")) return broken(fault, with_outcome(Outcome::accept_then_lose));
  if (fault.is("http-dropped")) return broken(fault, with_outcome(Outcome::drop));
  if (fault.is("http-fails-after-acceptance")) {
    SlackVerdict verdict = with_outcome(Outcome::accept_then_refuse);
    verdict.status = static_cast<int>(fault.integer("status"));
    return verdict;
  }
  RACEBED_ASSERT(false, "every http fault of the catalogue is a verdict");
  return {};
}

/// The chain whose name follows "tls-" in the fault's id; `good` if there is none.
models::ChainKind chain_of(const Active& fault) {
  std::string_view name = fault.info().id.substr(std::string_view("tls-").size());
  if (fault.is("tls-swapped")) name = fault.word("chain");
  if (fault.is("tls-expires-while-pooled")) name = "expires-soon";
  for (models::ChainKind kind : models::kChainKinds) {
    if (to_text(kind) == name) return kind;
  }
  return models::ChainKind::good;
}

models::TlsVerdict tls_verdict_of(const Active& fault) {
  using Server = models::TlsVerdict::Server;
  models::TlsVerdict verdict;
  verdict.chain = chain_of(fault);
  if (fault.is("tls-no-common-protocol")) verdict.server = Server::old_protocol;
  if (fault.is("tls-no-common-cipher")) verdict.server = Server::rare_cipher;
  if (fault.is("tls-client-certificate")) verdict.server = Server::demands_client_certificate;
  if (fault.is("tls-garbage-hello"))
    verdict.server = fault.word("what") == "http" ? Server::plain_http : Server::garbage;
  if (fault.is("tls-handshake-cut")) {
    // The words are in the order of the stops.
    verdict.stop_at = static_cast<models::TlsVerdict::StopAt>(1 + fault.integer("after"));
    verdict.stop_how = static_cast<models::TlsVerdict::StopHow>(fault.integer("how"));
  }
  if (fault.is("tls-slow-handshake")) verdict.delay = fault.duration("delay");
  return verdict;
}

}  // namespace

void SlackFaults::begin(ActivePtr fault) {
  (fault->info().family == "tls" ? tls_ : http_).add(std::move(fault));
}

models::TlsVerdict SlackFaults::tls(std::uint64_t) {
  for (const ActivePtr& fault : tls_.now()) {
    if (fault->strikes(choices_)) return tls_verdict_of(*fault);
  }
  return {.chain = calm_};
}

models::ReuseVerdict SlackFaults::reuse(std::uint64_t) {
  for (const ActivePtr& fault : http_.now()) {
    if (!fault->is("http-closed-at-reuse") || !fault->strikes(choices_)) continue;
    return fault->word("how") == "close" ? models::ReuseVerdict::close : models::ReuseVerdict::reset;
  }
  return models::ReuseVerdict::serve;
}

/// The channel's outage takes its history with it.
SlackVerdict SlackFaults::history(std::uint64_t) {
  for (const ActivePtr& fault : http_.now()) {
    const bool all = fault->is("channel-outage") || fault->is("http-history-fails");
    if (all && fault->strikes(choices_)) return refusal(*fault, static_cast<int>(fault->integer("status")));
  }
  return {};
}

SlackVerdict SlackFaults::post(std::uint64_t) {
  for (const ActivePtr& fault : http_.now()) {
    const bool elsewhere = fault->is("http-closed-at-reuse") || fault->is("http-history-fails");
    if (!elsewhere && fault->strikes(choices_)) return verdict_of(*fault);
  }
  return {};
}

}  // namespace racebed::faults

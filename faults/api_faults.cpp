#include "faults/api_faults.hpp"

#include <algorithm>

#include "faults/request_filter.hpp"

namespace racebed::faults {
namespace {

using models::RequestVerdict;

/// Where the end of a stall is not known.
constexpr Duration kStall = std::chrono::seconds{5};

RequestVerdict refusal(int status, Duration retry_after = Duration{0}) {
  RequestVerdict verdict;
  verdict.outcome = RequestVerdict::Outcome::refuse;
  verdict.status = status;
  verdict.retry_after = retry_after;
  return verdict;
}

RequestVerdict with_outcome(RequestVerdict::Outcome outcome) {
  RequestVerdict verdict;
  verdict.outcome = outcome;
  return verdict;
}

/// Committed, and refused all the same.
RequestVerdict late_refusal(int status) {
  RequestVerdict verdict = refusal(status);
  verdict.outcome = RequestVerdict::Outcome::commit_then_refuse;
  return verdict;
}

models::WatchVerdict::Outcome end_of(std::string_view how) {
  using Outcome = models::WatchVerdict::Outcome;
  if (how == "reset") return Outcome::reset;
  if (how == "gone") return Outcome::gone;
  if (how == "error") return Outcome::error;
  return how == "stalled" ? Outcome::stall : Outcome::end;
}

bool is_write(const models::ApiHttpRequest& request) {
  return request.method != "GET";
}

/// Faults that only mean something to a write.
bool needs_write(const Active& fault) {
  return fault.is("api-conflict") || fault.is("api-lost-after-commit") ||
         fault.is("api-timeout-after-commit") || fault.is("etcd-leader-change");
}

}  // namespace

void ApiFaults::begin(const ActivePtr& fault) {
  if (!fault->covers(server_)) return;
  const bool of_caches = fault->is("api-cache-lag") || fault->is("api-event-delayed") ||
                         fault->is("api-stale-front-end") || fault->is("api-watch-dropped") ||
                         fault->is("api-bookmarks-missing");
  (of_caches ? caches_ : requests_).add(fault);
}

Duration ApiFaults::until_over(const Active& fault) const {
  return fault.ends() ? std::max(*fault.ends() - kernel_.now(), Duration{0}) : kStall;
}

RequestVerdict ApiFaults::request(const models::ApiHttpRequest& request) {
  for (const ActivePtr& fault : requests_.now()) {
    if (needs_write(*fault) && !is_write(request)) continue;
    if (!concerns(fault->plan().requests, request) || !fault->strikes(kernel_.choices())) continue;
    if (fault->is("api-conflict")) return refusal(409);
    if (fault->is("api-rate-limited")) {
      RequestVerdict verdict = refusal(429, fault->duration("retry_after"));
      verdict.plain_text = fault->word("form") == "plain";
      return verdict;
    }
    if (fault->is("api-error")) return refusal(static_cast<int>(fault->integer("status")));
    if (fault->is("api-lost-before-commit")) return with_outcome(RequestVerdict::Outcome::lose_before_commit);
    if (fault->is("api-lost-after-commit")) return with_outcome(RequestVerdict::Outcome::commit_then_lose);
    if (fault->is("api-timeout-after-commit")) return late_refusal(504);
    if (fault->is("api-slow")) {
      RequestVerdict verdict;
      verdict.delay = fault->duration("delay");
      return verdict;
    }
    if (fault->is("etcd-leader-change")) {
      RequestVerdict verdict;
      if (fault->word("then") == "fail-before") verdict = refusal(500);
      if (fault->word("then") == "fail-after") verdict = late_refusal(500);
      if (fault->word("then") != "go-on") verdict.message = "etcdserver: leader changed";
      verdict.delay = until_over(*fault);
      return verdict;
    }
  }
  return calm_.request(request);
}

Duration ApiFaults::cache_lag(const models::Change& change) {
  Duration lag = calm_.cache_lag(change);
  for (const ActivePtr& fault : caches_.now()) {
    const bool lags = fault->is("api-cache-lag") || fault->is("api-stale-front-end");
    if (lags && fault->strikes(kernel_.choices())) lag += fault->duration("delay");
  }
  return lag;
}

models::WatchVerdict ApiFaults::watch_event(const models::WatchScope& scope, const models::WatchEvent&,
                                            std::uint64_t) {
  models::WatchVerdict verdict;
  for (const ActivePtr& fault : caches_.now()) {
    if (!fault->is("api-watch-dropped") || !is_named("controllers", scope.client.process)) continue;
    if (fault->strikes(kernel_.choices())) verdict.outcome = end_of(fault->word("how"));
  }
  return verdict;
}

bool ApiFaults::bookmark(const models::WatchScope& scope) {
  for (const ActivePtr& fault : caches_.now()) {
    if (fault->is("api-bookmarks-missing") && fault->strikes(kernel_.choices())) return false;
  }
  return calm_.bookmark(scope);
}

Duration ApiFaults::watch_delay(const models::WatchScope& scope, const models::Change& change) {
  Duration delay = calm_.watch_delay(scope, change);
  for (const ActivePtr& fault : caches_.now()) {
    if (!fault->is("api-event-delayed") || !is_named("controllers", scope.client.process)) continue;
    if (fault->strikes(kernel_.choices())) delay += fault->duration("delay");
  }
  return delay;
}

}  // namespace racebed::faults

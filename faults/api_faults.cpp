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
  const bool of_caches = fault->is("api-cache-lag") || fault->is("api-event-delayed");
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
    if (fault->is("api-rate-limited")) return refusal(429, fault->duration("retry_after"));
    if (fault->is("api-error")) return refusal(static_cast<int>(fault->integer("status")));
    if (fault->is("api-lost-before-commit")) return with_outcome(RequestVerdict::Outcome::lose_before_commit);
    if (fault->is("api-lost-after-commit") || fault->is("api-timeout-after-commit"))
      return with_outcome(RequestVerdict::Outcome::commit_then_lose);
    if (fault->is("api-slow")) {
      RequestVerdict verdict;
      verdict.delay = fault->duration("delay");
      return verdict;
    }
    if (fault->is("etcd-leader-change")) {
      RequestVerdict verdict;
      if (fault->word("then") == "fail-before") verdict = refusal(500);
      if (fault->word("then") == "fail-after")
        verdict = with_outcome(RequestVerdict::Outcome::commit_then_lose);
      verdict.delay = until_over(*fault);
      return verdict;
    }
  }
  return calm_.request(request);
}

Duration ApiFaults::cache_lag(const models::Change& change) {
  Duration lag = calm_.cache_lag(change);
  for (const ActivePtr& fault : caches_.now()) {
    if (fault->is("api-cache-lag") && fault->strikes(kernel_.choices())) lag += fault->duration("delay");
  }
  return lag;
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

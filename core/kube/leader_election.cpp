#include "core/kube/leader_election.hpp"

#include <algorithm>
#include <utility>

namespace racebed::kube {
namespace {

constexpr Site kAcquireJitter("leader-election-acquire-jitter");
/// client-go's JitterFactor 1.2, in tenths.
constexpr int kJitterTenths = 12;
/// client-go retries a release on conflict this often (retry.DefaultRetry).
constexpr int kReleaseTries = 5;

/// controller-runtime's Timeout of the client that elects.
Duration call_timeout(const ElectionOptions& options) {
  return std::max(Duration{std::chrono::seconds{1}}, options.renew_deadline / 2);
}

}  // namespace

LeaderElector::LeaderElector(Runtime& runtime, Client& client, ElectionOptions options, obs::Logger log)
    : runtime_(runtime),
      client_(client),
      options_(options),
      log_(log.named("elector")),
      step_(std::move(options)),
      resource_(leases()),
      stop_event_(runtime.clock) {}

asio::awaitable<ElectionEnd> LeaderElector::run(ElectionCallbacks callbacks) {
  callbacks_ = std::move(callbacks);
  const bool acquired = co_await acquire();
  if (!acquired) co_return ElectionEnd::stopped;
  leading_ = true;
  log_.info("leading", {{"lease", options_.lease.name}, {"identity", options_.identity}});
  if (callbacks_.on_started_leading) callbacks_.on_started_leading();
  try {
    co_await renew();
  } catch (...) {
    leading_ = false;
    throw;
  }
  leading_ = false;
  log_.info(stopping_ ? "stopped leading" : "lost the lease", {{"lease", options_.lease.name}});
  if (callbacks_.on_stopped_leading) callbacks_.on_stopped_leading();
  co_return stopping_ ? ElectionEnd::stopped : ElectionEnd::lost;
}

void LeaderElector::stop() {
  stopping_ = true;
  stop_event_.notify_all();
}

asio::awaitable<bool> LeaderElector::acquire() {
  while (!stopping_) {
    const bool acquired = co_await round(Instant::max());
    if (acquired) co_return true;
    const auto spread = static_cast<std::uint64_t>((options_.retry_period * kJitterTenths / 10).count());
    const Duration jitter{runtime_.random.below(spread, kAcquireJitter)};
    if (stopping_) break;
    co_await stop_event_.wait_until(runtime_.clock.steady_now() + options_.retry_period + jitter);
  }
  co_return false;
}

asio::awaitable<void> LeaderElector::renew() {
  while (!stopping_) {
    const bool renewed = co_await renew_within_deadline();
    if (!renewed || stopping_) co_return;
    co_await stop_event_.wait_until(runtime_.clock.steady_now() + options_.retry_period);
  }
}

asio::awaitable<bool> LeaderElector::renew_within_deadline() {
  const Instant deadline = runtime_.clock.steady_now() + options_.renew_deadline;
  Instant next_try = runtime_.clock.steady_now();
  for (;;) {
    const bool renewed = co_await round(deadline);
    if (renewed) co_return true;
    // Somebody else took the lease: client-go would go on as leader until the deadline.
    if (!step_.is_leader()) co_return false;
    const Instant now = runtime_.clock.steady_now();
    next_try = std::max(next_try + options_.retry_period, now);
    if (stopping_ || now >= deadline) co_return false;
    co_await stop_event_.wait_until(std::min(next_try, deadline));
    if (stopping_ || runtime_.clock.steady_now() >= deadline) co_return false;
  }
}

asio::awaitable<bool> LeaderElector::round(Instant deadline) {
  step_.begin(moment());
  co_await perform(deadline);
  report_holder();
  co_return step_.next() == LeaderElectionStep::Call::finished&& step_.succeeded();
}

/// Makes the calls that the step asks for, until it is finished or the deadline has come.
asio::awaitable<void> LeaderElector::perform(Instant deadline) {
  CallOptions call;
  call.retry = false;  // the retry period is what spaces tries; a 429 must not eat the deadline
  while (step_.next() != LeaderElectionStep::Call::finished) {
    const Duration left = deadline - runtime_.clock.steady_now();
    if (left <= Duration{0}) co_return;
    call.timeout = std::min(call_timeout(options_), left);
    ApiResult<Object> answer = Object();
    if (step_.next() == LeaderElectionStep::Call::get) {
      ObjectKey lease = options_.lease;
      answer = co_await client_.get(resource_, std::move(lease), call);
    } else {
      Object body = step_.body();
      if (step_.next() == LeaderElectionStep::Call::create) {
        answer = co_await client_.create(resource_, std::move(body), call);
      } else {
        answer = co_await client_.update(resource_, std::move(body), call);
      }
    }
    if (!answer) {
      log_.debug("a call for the lease failed", {{"error", answer.error().message}});
    }
    step_.on_answer(answer, moment());
  }
}

asio::awaitable<void> LeaderElector::release() {
  leading_ = false;
  const Instant deadline = runtime_.clock.steady_now() + options_.renew_deadline;
  for (int tries = 0; tries < kReleaseTries; ++tries) {
    step_.begin_release(moment());
    co_await perform(deadline);
    if (step_.next() != LeaderElectionStep::Call::finished || step_.succeeded()) co_return;
  }
}

void LeaderElector::report_holder() {
  if (step_.observed_holder() == reported_holder_) return;
  reported_holder_ = step_.observed_holder();
  if (reported_holder_ != options_.identity) {
    log_.info("the lease has another holder", {{"lease", options_.lease.name}, {"holder", reported_holder_}});
  }
  if (callbacks_.on_new_leader) callbacks_.on_new_leader(reported_holder_);
}

Duration LeaderElector::remaining() const {
  if (!leading_) return Duration{0};
  const auto until = step_.surely_until();
  return until ? *until - runtime_.clock.steady_now() : Duration{0};
}

bool LeaderElector::healthy(Duration tolerance) const {
  if (!is_leader()) return true;
  return runtime_.clock.steady_now() - *step_.observed_at() <= options_.lease_duration + tolerance;
}

LeaderElectionStep::Moment LeaderElector::moment() const {
  return {runtime_.clock.now(), runtime_.clock.steady_now()};
}

}  // namespace racebed::kube

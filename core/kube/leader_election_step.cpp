#include "core/kube/leader_election_step.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::kube {
namespace {

using Code = ApiError::Code;

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}
std::int64_t number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::int64_t seconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

std::string check(const ElectionOptions& options) {
  if (options.identity.empty()) return "identity is empty";
  if (options.lease.name.empty() || options.lease.ns.empty()) return "the lease needs a namespace and a name";
  if (options.retry_period < Duration{1}) return "retry_period is not positive";
  if (seconds_of(options.lease_duration) < 1) return "lease_duration is shorter than one second";
  if (options.lease_duration <= options.renew_deadline)
    return "lease_duration is not longer than renew_deadline";
  if (options.renew_deadline <= options.retry_period * 12 / 10) {
    return "renew_deadline is not longer than 1.2 retry_period";
  }
  return {};
}

LeaseRecord record_of(const Object& lease) {
  const Json* spec = lease.find("spec");
  if (spec == nullptr || !spec->is_object()) return {};
  return {text_in(*spec, "holderIdentity"), number_in(*spec, "leaseDurationSeconds"),
          text_in(*spec, "acquireTime"), text_in(*spec, "renewTime"), number_in(*spec, "leaseTransitions")};
}

LeaderElectionStep::LeaderElectionStep(ElectionOptions options) : options_(std::move(options)) {
  const std::string wrong = check(options_);
  RACEBED_ASSERT(wrong.empty(), "election options: " + wrong);
}

void LeaderElectionStep::begin(Moment now) {
  begun_ = sent_ = now;
  if (is_leader() && lease_valid(now.steady) && cached_) {
    write(Stage::fast_update, cached_,
          {options_.identity, seconds_of(options_.lease_duration), observed_.acquire_time,
           to_rfc3339_micro(now.wall), observed_.transitions});
  } else {
    stage_ = Stage::read;
    call_ = Call::get;
  }
}

void LeaderElectionStep::begin_release(Moment now) {
  begun_ = sent_ = now;
  stage_ = Stage::release_read;
  call_ = Call::get;
}

void LeaderElectionStep::on_answer(const ApiResult<Object>& answer, Moment now) {
  switch (stage_) {
    case Stage::idle:
      RACEBED_ASSERT(false, "an answer comes after a call");
      return;
    case Stage::fast_update:
      if (answer) return on_written(answer, now);
      // The cached lease may be outdated, or the write may have been done and its answer lost: read and see.
      stage_ = Stage::read;
      call_ = Call::get;
      sent_ = now;
      return;
    case Stage::read:
      return on_read(answer, now);
    case Stage::create:
    case Stage::write:
    case Stage::release_write:
      return on_written(answer, now);
    case Stage::release_read:
      return on_release_read(answer, now);
  }
}

void LeaderElectionStep::on_read(const ApiResult<Object>& answer, Moment now) {
  const std::string renew_time = to_rfc3339_micro(begun_.wall);
  const std::int64_t duration = seconds_of(options_.lease_duration);
  sent_ = now;
  if (!answer) {
    if (answer.error().code != Code::not_found) return finish(false);
    return write(Stage::create, Object(), {options_.identity, duration, renew_time, renew_time, 0});
  }
  cached_ = *answer;
  LeaseRecord record = record_of(cached_);
  if (!observed_at_ || record != observed_) observe(std::move(record), now);
  const bool mine = is_leader();
  if (!mine && !observed_.holder.empty() && lease_valid(begun_.steady)) return finish(false);
  write(Stage::write, cached_,
        {options_.identity, duration, mine ? observed_.acquire_time : renew_time, renew_time,
         mine ? observed_.transitions : observed_.transitions + 1});
}

void LeaderElectionStep::on_written(const ApiResult<Object>& answer, Moment now) {
  if (!answer) return finish(false);
  cached_ = *answer;
  observe(wanted_, now);
  if (stage_ == Stage::release_write) {
    renewed_at_.reset();
  } else {
    renewed_at_ = sent_.steady;
  }
  finish(true);
}

void LeaderElectionStep::on_release_read(const ApiResult<Object>& answer, Moment now) {
  sent_ = now;
  if (!answer) return finish(answer.error().code == Code::not_found);
  cached_ = *answer;
  LeaseRecord record = record_of(cached_);
  const bool mine = record.holder == options_.identity;
  if (!observed_at_ || record != observed_) observe(std::move(record), now);
  if (!mine) return finish(true);  // it is another's by now, or nobody's: nothing to give back
  const std::string time = to_rfc3339_micro(begun_.wall);
  write(Stage::release_write, cached_, {"", 1, time, time, observed_.transitions});
}

void LeaderElectionStep::write(Stage stage, const Object& base, LeaseRecord record) {
  Json lease;
  if (base) {
    lease = base.copy();
    lease["metadata"].erase("managedFields");
  } else {
    lease["metadata"]["namespace"] = options_.lease.ns;
    lease["metadata"]["name"] = options_.lease.name;
  }
  lease["apiVersion"] = "coordination.k8s.io/v1";
  lease["kind"] = "Lease";
  Json& spec = lease["spec"];
  spec["holderIdentity"] = record.holder;
  spec["leaseDurationSeconds"] = record.duration_seconds;
  if (record.acquire_time.empty()) {
    spec.erase("acquireTime");
  } else {
    spec["acquireTime"] = record.acquire_time;
  }
  spec["renewTime"] = record.renew_time;
  spec["leaseTransitions"] = record.transitions;
  stage_ = stage;
  call_ = stage == Stage::create ? Call::create : Call::update;
  body_ = Object::make(std::move(lease));
  wanted_ = std::move(record);
}

void LeaderElectionStep::finish(bool succeeded) {
  stage_ = Stage::idle;
  call_ = Call::finished;
  succeeded_ = succeeded;
  body_ = Object();
}

void LeaderElectionStep::observe(LeaseRecord record, Moment now) {
  observed_ = std::move(record);
  observed_at_ = now.steady;
}

bool LeaderElectionStep::is_leader() const {
  return observed_at_ && observed_.holder == options_.identity;
}

bool LeaderElectionStep::lease_valid(Instant now) const {
  return observed_at_ && *observed_at_ + std::chrono::seconds{observed_.duration_seconds} > now;
}

std::optional<Instant> LeaderElectionStep::surely_until() const {
  if (!is_leader() || !renewed_at_) return std::nullopt;
  return *renewed_at_ + options_.renew_deadline;
}

}  // namespace racebed::kube

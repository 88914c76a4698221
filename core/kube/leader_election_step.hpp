// The decisions of lease-based leader election (client-go tools/leaderelection), one API call at a time: ask
// next() what to call, make the call, tell the answer with on_*(). No I/O, no clock, no randomness of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/kube/api_error.hpp"
#include "core/kube/object.hpp"
#include "runtime/time.hpp"

namespace racebed::kube {

struct ElectionOptions {
  ObjectKey lease;
  std::string identity;  // must be unique: two with one identity both believe they lead
  Duration lease_duration = std::chrono::seconds{15};
  Duration renew_deadline = std::chrono::seconds{10};
  Duration retry_period = std::chrono::seconds{2};
  bool release_on_cancel = true;
};
/// client-go's checks: lease_duration > renew_deadline > 1.2 retry_period, all positive, whole seconds for
/// the lease. Empty when fine, else what is wrong.
std::string check(const ElectionOptions& options);

/// The part of a Lease that the algorithm looks at. Times are text: they are written, compared for change,
/// and never compared with a clock.
struct LeaseRecord {
  std::string holder;
  std::int64_t duration_seconds = 0;
  std::string acquire_time;
  std::string renew_time;
  std::int64_t transitions = 0;
  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};
LeaseRecord record_of(const Object& lease);

/// One elector's state. A round is: begin(), then repeat { next() -> call -> answer } until next() is
/// `finished`.
class LeaderElectionStep {
 public:
  enum class Call {
    get,       // read the lease
    create,    // POST body()
    update,    // PUT body(), which carries a resourceVersion
    finished,  // the round is over: see succeeded()
  };
  /// The two clocks of this process at one moment.
  struct Moment {
    Time wall;
    Instant steady;
  };

  explicit LeaderElectionStep(ElectionOptions options);

  /// Starts a round of tryAcquireOrRenew.
  void begin(Moment now);
  /// Starts a round of release: reads the lease and blanks it only if its holder, in that fresh answer, is
  /// this elector. (client-go looks at what it saw last and so may blank its successor's lease: spec R10
  /// (e).)
  void begin_release(Moment now);
  Call next() const { return call_; }
  /// The object to send for create and update.
  const Object& body() const { return body_; }
  /// The answer of the call that next() asked for.
  void on_answer(const ApiResult<Object>& answer, Moment now);
  /// Whether the finished round acquired, renewed or released.
  bool succeeded() const { return succeeded_; }

  /// The holder last seen is this elector (it may meanwhile have been replaced).
  bool is_leader() const;
  const std::string& observed_holder() const { return observed_.holder; }
  /// When this process last saw the record change.
  std::optional<Instant> observed_at() const { return observed_at_; }
  /// Until when this process surely leads: renew_deadline after the moment *before* its last successful write
  /// was sent. Others wait lease_duration after they saw that write, so lease_duration - renew_deadline
  /// remains for clocks that run at different rates. Nothing when not leader.
  std::optional<Instant> surely_until() const;

 private:
  enum class Stage { idle, fast_update, read, create, write, release_read, release_write };
  void finish(bool succeeded);
  void observe(LeaseRecord record, Moment now);
  bool lease_valid(Instant now) const;
  void on_read(const ApiResult<Object>& answer, Moment now);
  void on_written(const ApiResult<Object>& answer, Moment now);
  void on_release_read(const ApiResult<Object>& answer, Moment now);
  void write(Stage stage, const Object& base, LeaseRecord record);

  ElectionOptions options_;
  Stage stage_ = Stage::idle;
  Call call_ = Call::finished;
  bool succeeded_ = false;
  Moment begun_{};
  Moment sent_{};
  Object body_;
  Object cached_;         // the lease of the last answer
  LeaseRecord wanted_;    // what body_ says
  LeaseRecord observed_;  // the record last seen
  std::optional<Instant> observed_at_;
  std::optional<Instant> renewed_at_;  // before the last successful write of ours was sent
};

}  // namespace racebed::kube

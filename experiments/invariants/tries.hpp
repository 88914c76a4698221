// The tries of one notification as its channels saw them and as its status records them, and what its retry
// policy asks for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::experiments {

struct Incarnation;

/// A request that reached a channel whole, or a message that it took without one (console, file, log).
struct Try {
  std::string channel;
  std::string sender;
  std::uint64_t connection = 0;
  Time at;                 // when the whole request was there
  std::uint64_t fact = 0;  // Requested, or Delivered where there is none
  bool accepted = false;
  std::optional<Time> answered{};
  std::uint64_t answer_fact = 0;
  int status = 0;  // of the answer; 0: cut or lost
  std::optional<Duration> retry_after{};
};

enum class Ending {
  open,              // no answer yet
  well,              // accepted, and said so
  refused_for_now,   // 408, 425, 429, 5xx: worth another try
  refused_for_good,  // any other 3xx and 4xx
  lost,              // cut, or the connection broke: the client cannot know
  unclear            // a refusal in words under status 200, or a message taken and refused
};
Ending ending_of(const Try& attempt);
/// What a client that may try again sees as a failure.
bool failed_for_now(const Try& attempt);
/// "503", "no answer".
std::string answer_text(const Try& attempt);

/// Tries on `channel`, in order.
std::vector<const Try*> tries_on(const Incarnation& incarnation, std::string_view channel);

/// Whether a recorded attempt is a failure of a try that was made. Records that say of themselves that
/// nothing was sent, or that nobody knows (specification A5 to A8: interrupted, not sent, breaker open), are
/// none.
bool is_made_failure(const models::Json& attempt);
/// How many of those the latest status shows for `channel`.
std::size_t made_failures(const Incarnation& incarnation, std::string_view channel);

/// spec.retryPolicy with the API's defaults.
struct PolicyView {
  std::size_t attempts_max = 5;
  Duration initial = std::chrono::seconds{30};
  std::int64_t multiplier = 2;
  Duration max = std::chrono::seconds{480};
};
PolicyView policy_of(const Incarnation& incarnation);
/// The least that may pass after the n-th failure: 10 % and a second of clock grain below the policy's
/// backoff.
Duration backoff_least(const PolicyView& policy, std::size_t failures);
/// The same by a clock that knows more than whole seconds: 10 % below, and never below the first backoff.
Duration backoff_surely(const PolicyView& policy, std::size_t failures);
/// The most that any reading of the policy waits (one step further, 10 % jitter).
Duration backoff_most(const PolicyView& policy, std::size_t failures);
/// An endpoint's wish that binds: at most an hour.
Duration retry_after_that_binds(Duration wish);

/// console, log, file and slack.
bool is_known_channel(std::string_view channel);
/// Those without a network.
bool is_local_channel(std::string_view channel);

/// Whether `text` contains one of `words`, in whatever case.
bool mentions(std::string_view text, std::initializer_list<std::string_view> words);

}  // namespace racebed::experiments

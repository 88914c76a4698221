#include "experiments/invariants/tries.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "experiments/invariants/history.hpp"

namespace racebed::experiments {

using models::Json;

Ending ending_of(const Try& attempt) {
  if (!attempt.answered) return Ending::open;
  const int status = attempt.status;
  if (status == 0) return Ending::lost;
  if (status == 408 || status == 425 || status == 429 || status >= 500) return Ending::refused_for_now;
  const bool well = status >= 200 && status <= 299;
  if (well != attempt.accepted) return Ending::unclear;
  return well ? Ending::well : Ending::refused_for_good;
}

bool failed_for_now(const Try& attempt) {
  const Ending ending = ending_of(attempt);
  return ending == Ending::refused_for_now || ending == Ending::lost;
}

std::string answer_text(const Try& attempt) {
  return !attempt.answered || attempt.status == 0 ? "no answer" : std::to_string(attempt.status);
}

std::vector<const Try*> tries_on(const Incarnation& incarnation, std::string_view channel) {
  std::vector<const Try*> found;
  for (const Try& attempt : incarnation.tries) {
    if (attempt.channel == channel) found.push_back(&attempt);
  }
  return found;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
  });
}

bool is_made_failure(const Json& attempt) {
  const std::string status = attempt.value("status", "");
  if (status == "success" || status == "pending") return false;
  return !mentions(attempt.value("error", ""),
                   {"interrupted", "not sent", "not needed", "outcome unknown", "breaker"});
}

std::size_t made_failures(const Incarnation& incarnation, std::string_view channel) {
  if (!incarnation.object) return 0;
  const Json& attempts = attempts_of(*incarnation.object);
  return static_cast<std::size_t>(std::count_if(attempts.begin(), attempts.end(), [&](const Json& attempt) {
    return attempt.value("channel", "") == channel && is_made_failure(attempt);
  }));
}

PolicyView policy_of(const Incarnation& incarnation) {
  PolicyView policy;
  if (!incarnation.object) return policy;
  const Json& object = *incarnation.object;
  const auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return policy;
  const auto written = spec->find("retryPolicy");
  if (written == spec->end() || !written->is_object()) return policy;
  const auto number = [&](const char* name, std::int64_t otherwise) {
    const auto found = written->find(name);
    return found != written->end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
  };
  policy.attempts_max = static_cast<std::size_t>(number("maxAttempts", 5));
  policy.initial = std::chrono::seconds{number("initialBackoffSeconds", 30)};
  policy.multiplier = number("backoffMultiplier", 2);
  policy.max = std::chrono::seconds{number("maxBackoffSeconds", 480)};
  return policy;
}

namespace {

/// min(max, initial × multiplier^(failures−1)).
Duration backoff(const PolicyView& policy, std::size_t failures) {
  Duration delay = std::min(policy.initial, policy.max);
  for (std::size_t i = 1; i < failures && delay < policy.max; ++i)
    delay = std::min(policy.max, delay * policy.multiplier);
  return delay;
}

}  // namespace

Duration backoff_least(const PolicyView& policy, std::size_t failures) {
  const Duration full = backoff(policy, failures);
  return std::max(full - full / 10 - std::chrono::seconds{1}, Duration{0});
}

Duration backoff_surely(const PolicyView& policy, std::size_t failures) {
  const Duration full = backoff(policy, failures);
  return std::max(full - full / 10, std::min(policy.initial, policy.max));
}

Duration backoff_most(const PolicyView& policy, std::size_t failures) {
  const Duration full = backoff(policy, failures + 1);
  return full + full / 10;
}

Duration retry_after_that_binds(Duration wish) {
  return std::min<Duration>(wish, std::chrono::hours{1});
}

bool is_local_channel(std::string_view channel) {
  return channel == "console" || channel == "log" || channel == "file";
}

bool is_known_channel(std::string_view channel) {
  return channel == "slack" || is_local_channel(channel);
}

}  // namespace racebed::experiments

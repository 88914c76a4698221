#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"
#include "experiments/invariants/tries.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;

/// A reason that fits only these phases.
struct ReasonFits {
  std::string_view reason;
  std::array<std::string_view, 2> phases;
};
constexpr std::array<ReasonFits, 9> kReasons = {
    {{"Initialized", {"Pending", "Pending"}},
     {"ProcessingDeliveries", {"Sending", "Sending"}},
     {"AllDeliveriesSucceeded", {"Sent", "Sent"}},
     {"PartialDeliverySuccess", {"PartiallySent", "PartiallySent"}},
     {"PartialDeliveryFailure", {"PartiallySent", "PartiallySent"}},
     {"PartialFailureRetrying", {"Retrying", "Retrying"}},
     {"MaxRetriesExhausted", {"Failed", "PartiallySent"}},
     {"AllDeliveriesFailed", {"Failed", "Failed"}},
     {"NoChannelsResolved", {"Failed", "Failed"}}}};

/// "... 12/34 ...", "12 of 34": the first two numbers after `prefix`, with `between` between them.
bool two_numbers(std::string_view text, std::string_view prefix, std::string_view between, std::size_t& a,
                 std::size_t& b) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, a);
  if (first.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(first.ptr - text.data()));
  if (!text.starts_with(between)) return false;
  text.remove_prefix(between.size());
  return std::from_chars(text.data(), end, b).ec == std::errc{};
}

/// "... with backoff 1m30s": as Go writes durations; whole units.
std::optional<Duration> named_backoff(std::string_view text) {
  constexpr std::string_view kWords = "with backoff ";
  const std::size_t at = text.find(kWords);
  if (at == std::string_view::npos) return std::nullopt;
  Duration sum{0};
  std::int64_t number = 0;
  bool any = false;
  for (const char c : text.substr(at + kWords.size())) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      any = true;
      continue;
    }
    if (c == '.') break;  // of seconds: what is shorter does not matter
    sum += c == 'h' ? std::chrono::hours{number} : c == 'm' ? std::chrono::minutes{number} : seconds{0};
    if (c != 'h' && c != 'm') break;
    number = 0;
  }
  if (!any) return std::nullopt;
  return sum + seconds{number};
}

/// The dangerous moment: a controller commits a status that shows delivery attempts, or ends the work.
class CountsConsistent final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    const models::Committed* commit = controller_status(fact);
    if (commit == nullptr) return;
    fact_ = &fact;
    incarnation_ = history().by_uid(commit->object.uid);
    const StatusView& after = history().status_write()->after;
    if (after.attempts.empty() && !after.is_terminal()) return;
    reach();
    judge_counters(after);
    judge_numbers(after);
    judge_phase(after);
    judge_budget(after);
    judge_words(after);
    judge_generation(after, *commit->after);
    judge_times(after);
    if (commit->before) judge_continuity(history().status_write()->before, after);
  }

 private:
  /// Once for each incarnation and kind of contradiction.
  void wrong(const std::string& kind, std::string what) {
    const std::string uid = incarnation_ != nullptr ? incarnation_->uid : "";
    if (!told_.insert(uid + "/" + kind).second) return;
    violate(incarnation_, fact_->time, {fact_->number},
            fmt::format("{}: {}", incarnation_ != nullptr ? incarnation_->token : "a notification", what));
  }

  void judge_counters(const StatusView& status) {
    const auto pending = static_cast<std::size_t>(
        std::count_if(status.attempts.begin(), status.attempts.end(),
                      [](const AttemptView& attempt) { return attempt.is_pending(); }));
    const std::size_t all = status.attempts.size();
    judge_counter(status, "totalAttempts", all - pending, all);
    judge_counter(status, "successfulDeliveries", status.delivered().size(), status.delivered().size());
    judge_counter(status, "failedDeliveries", status.failed().size(), status.failed().size());
  }
  void judge_counter(const StatusView& status, const char* name, std::size_t least, std::size_t most) {
    const auto found = status.counters.find(name);
    const std::int64_t value = found == status.counters.end() ? 0 : found->second;
    if (value >= static_cast<std::int64_t>(least) && value <= static_cast<std::int64_t>(most)) return;
    wrong(name, fmt::format("{} says {}, its attempts say {}", name, value, most));
  }

  void judge_numbers(const StatusView& status) {
    std::map<std::string, std::int64_t> last;
    for (const AttemptView& attempt : status.attempts) {
      const std::int64_t expected = ++last[attempt.channel];
      if (attempt.number == expected) continue;
      return wrong("attempt numbers",
                   fmt::format("attempt {} on {} has the number {}", expected, attempt.channel,
                               attempt.number ? std::to_string(*attempt.number) : "none"));
    }
  }

  bool has_all_channels(const std::set<std::string>& delivered) const {
    return incarnation_ == nullptr ||
           std::all_of(incarnation_->channels.begin(), incarnation_->channels.end(),
                       [&](const std::string& channel) { return delivered.contains(channel); });
  }

  void judge_phase(const StatusView& status) {
    const std::set<std::string> delivered = status.delivered();
    if (status.phase == "Sent" && !has_all_channels(delivered))
      wrong("phase", "the phase is Sent, and a channel has no successful attempt");
    if (status.phase == "PartiallySent" && (delivered.empty() || has_all_channels(delivered)))
      wrong("phase", fmt::format("the phase is PartiallySent with {} channels delivered", delivered.size()));
    if (status.phase == "Failed" && !delivered.empty())
      wrong("phase", fmt::format("the phase is Failed, and {} was delivered", *delivered.begin()));
    if (status.is_terminal() != status.times.contains("completionTime"))
      wrong("completionTime", fmt::format("the phase is {} {} completionTime", status.phase,
                                          status.is_terminal() ? "without" : "with a"));
    const bool is_good = status.phase == "Sent" || status.phase == "PartiallySent";
    if (waits_for_retries(status, delivered))
      wrong("phase Sending", "the phase is Sending, and every channel that is left has failed: it waits");
    if (const auto ready = status.conditions.find("Ready"); ready != status.conditions.end()) {
      if ((ready->second == "True") != is_good)
        wrong("Ready", fmt::format("the phase is {}, and Ready is {}", status.phase, ready->second));
    }
    if (const auto going = status.conditions.find("Progressing"); going != status.conditions.end()) {
      if (status.is_terminal() && going->second == "True")
        wrong("Progressing", fmt::format("the phase is {}, and Progressing is True", status.phase));
    }
  }

  static bool is_made(const AttemptView& attempt) {
    return attempt.is_failure() &&
           !mentions(attempt.error, {"interrupted", "not sent", "not needed", "outcome unknown"});
  }

  /// Everything has been tried, something has failed, and nothing is under way: Sending is not what it does.
  bool waits_for_retries(const StatusView& status, const std::set<std::string>& delivered) const {
    if (status.phase != "Sending" || incarnation_ == nullptr || has_all_channels(delivered)) return false;
    const auto& channels = incarnation_->channels;
    return std::all_of(channels.begin(), channels.end(), [&](const std::string& channel) {
      const auto last = std::find_if(status.attempts.rbegin(), status.attempts.rend(),
                                     [&](const AttemptView& attempt) { return attempt.channel == channel; });
      return delivered.contains(channel) || (last != status.attempts.rend() && is_made(*last));
    });
  }

  /// The verdict includes the try just made: a status without one left is an end.
  void judge_budget(const StatusView& status) {
    if (incarnation_ == nullptr || status.is_terminal()) return;
    const std::set<std::string> delivered = status.delivered();
    const auto most = static_cast<std::ptrdiff_t>(policy_of(*incarnation_).attempts_max);
    const auto is_over = [&](const std::string& channel) {
      const auto made = std::count_if(
          status.attempts.begin(), status.attempts.end(),
          [&](const AttemptView& attempt) { return attempt.channel == channel && !attempt.is_pending(); });
      const auto tries = tries_on(*incarnation_, channel);
      const int answer = tries.empty() ? 0 : tries.back()->status;
      // Who can ask what became of a try has not finished while nobody knows.
      if (guarantee(channel) == "probe" && (answer < 400 || answer > 499)) return delivered.contains(channel);
      const bool refused_for_good = !tries.empty() && ending_of(*tries.back()) == Ending::refused_for_good &&
                                    made >= static_cast<std::ptrdiff_t>(tries.size());
      return delivered.contains(channel) || made >= most || refused_for_good;
    };
    const auto& channels = incarnation_->channels;
    if (!has_all_channels(delivered) && std::all_of(channels.begin(), channels.end(), is_over))
      wrong("budget", fmt::format("the phase is {}, and no channel has a try left", status.phase));
  }

  void judge_words(const StatusView& status) {
    for (const ReasonFits& fits : kReasons) {
      if (fits.reason != status.reason) continue;
      if (status.phase != fits.phases[0] && status.phase != fits.phases[1])
        wrong("reason", fmt::format("the phase is {} for the reason {}", status.phase, status.reason));
    }
    const std::size_t delivered = status.delivered().size();
    std::size_t a = 0;
    std::size_t b = 0;
    const bool counts = two_numbers(status.message, "Delivered to ", "/", a, b) ||
                        two_numbers(status.message, "", " of ", a, b);
    if (counts && (a != delivered || !is_channel_count(b)))
      wrong("message", fmt::format("the message says \"{}\", {} of {} channels have it", status.message,
                                   delivered, incarnation_ != nullptr ? incarnation_->channels.size() : b));
    judge_named_backoff(status);
    constexpr std::string_view kAll = "Successfully delivered to ";
    if (!status.message.starts_with(kAll)) return;
    const char* const number = status.message.data() + kAll.size();
    if (std::from_chars(number, status.message.data() + status.message.size(), a).ec == std::errc{} &&
        !is_channel_count(a))
      wrong("message",
            fmt::format("the message says \"{}\", {} channels have it", status.message, delivered));
  }
  /// Whoever reads the message waits as long as it says.
  void judge_named_backoff(const StatusView& status) {
    const auto named = named_backoff(status.message);
    if (!named || status.phase != "Retrying" || incarnation_ == nullptr) return;
    std::map<std::string, std::size_t> failures;
    std::size_t most = 0;
    for (const AttemptView& attempt : status.attempts) {
      if (!attempt.is_failure() || mentions(attempt.error, {"circuit breaker"})) continue;
      if (!status.delivered().contains(attempt.channel)) most = std::max(most, ++failures[attempt.channel]);
    }
    if (most == 0 || *named + seconds{1} >= backoff_least(policy_of(*incarnation_), most)) return;
    wrong("backoff",
          fmt::format("the message says \"{}\" after failure {} of a channel", status.message, most));
  }
  /// Of the specification's channels; a name may be there twice.
  bool is_channel_count(std::size_t n) const {
    if (incarnation_ == nullptr || n == incarnation_->channels.size()) return true;
    const models::Json& object = *incarnation_->object;
    const auto spec = object.find("spec");
    return spec != object.end() && spec->contains("channels") && spec->at("channels").size() == n;
  }

  void judge_generation(const StatusView& status, const models::Json& object) {
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->contains("generation")) return;
    const auto generation = metadata->at("generation").get<std::int64_t>();
    const auto observed = status.counters.find("observedGeneration");
    if (observed == status.counters.end()) {
      wrong("observedGeneration", "it was acted on, and observedGeneration is not set");
    } else if (observed->second > generation || observed->second < 1) {
      wrong("observedGeneration",
            fmt::format("observedGeneration is {} of generation {}", observed->second, generation));
    }
  }

  void judge_times(const StatusView& status) {
    for (const char* name : {"queuedAt", "processingStartedAt"}) {
      if (!status.times.contains(name)) wrong(name, fmt::format("it was acted on, and {} is not set", name));
    }
    if (incarnation_ == nullptr || lives_.fired("clock")) return;
    // Whole seconds, rounded down.
    const Time earliest = incarnation_->created - seconds{1};
    const Time latest = fact_->time + seconds{1};
    const auto judge = [&](const std::string& what, const std::string& text) {
      const auto time = parse_rfc3339(text);
      if (!time) {
        wrong("times", fmt::format("{} is \"{}\"", what, text));
      } else if (*time < earliest || *time > latest) {
        wrong("times", fmt::format("{} is {}, outside of its life so far", what, text));
      }
    };
    for (const auto& [name, text] : status.times) judge(name, text);
    for (const AttemptView& attempt : status.attempts) judge("an attempt's time", attempt.timestamp);
    const auto in_order = [&](const char* first, const char* second) {
      const auto a = status.times.find(first);
      const auto b = status.times.find(second);
      if (a == status.times.end() || b == status.times.end()) return;
      const auto before = parse_rfc3339(a->second);
      const auto after = parse_rfc3339(b->second);
      if (before && after && *after < *before)
        wrong("order of times", fmt::format("{} {} is before {} {}", second, b->second, first, a->second));
    };
    in_order("queuedAt", "processingStartedAt");
    in_order("processingStartedAt", "completionTime");
  }

  /// What was recorded stays, in its place; only an open attempt may change.
  void judge_continuity(const StatusView& before, const StatusView& after) {
    for (std::size_t i = 0; i < before.attempts.size(); ++i) {
      const AttemptView& was = before.attempts[i];
      if (i >= after.attempts.size()) {
        return wrong("attempts", fmt::format("attempt {} on {} has disappeared from the status",
                                             was.number.value_or(0), was.channel));
      }
      const AttemptView& is = after.attempts[i];
      const bool same = is.channel == was.channel && is.number == was.number;
      const bool unchanged =
          is.timestamp == was.timestamp && is.status == was.status && is.error == was.error;
      if (same && (was.is_pending() || unchanged)) continue;
      return wrong("attempts", fmt::format("the record of attempt {} on {} ({}) became attempt {} on {} ({})",
                                           was.number.value_or(0), was.channel, was.status,
                                           is.number.value_or(0), is.channel, is.status));
    }
    for (const auto& [name, text] : before.times) {
      const auto now = after.times.find(name);
      const bool kept = now != after.times.end() && now->second == text;
      if (!kept && !(name == "completionTime" && !before.is_terminal()))
        wrong("changed " + name, fmt::format("{} was {} and is {}", name, text,
                                             now == after.times.end() ? "gone" : now->second));
    }
  }

  Lives lives_;
  const models::Fact* fact_ = nullptr;
  const Incarnation* incarnation_ = nullptr;
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kCountsConsistent = {
    "counts-consistent",
    "A status agrees with itself: counters, attempt numbers, phase, words, times; what it recorded stays.",
    "status commits of controllers", Duration{0}, make_invariant<CountsConsistent>};

}  // namespace racebed::experiments

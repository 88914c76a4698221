#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/tries.hpp"
#include "faults/leader.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;
using Count = std::int64_t;

/// What one life did, as the world saw it, up to each moment that its page is looked at.
struct Deeds {
  std::vector<Time> delivered;  // messages of this life that the channel took
  std::vector<Time> succeeded;  // attempts that it recorded as successes
  std::vector<Time> failed;     // attempts that it recorded as failures
};
Count until(const std::vector<Time>& times, Time end) {
  return std::count_if(times.begin(), times.end(), [&](Time time) { return time <= end; });
}

bool names_tls(const std::string& error) {
  for (const char* word : {"tls-", "x509", "certificate"}) {
    if (error.find(word) != std::string::npos) return true;
  }
  return false;
}

struct LifeDeeds {
  std::map<std::string, Deeds> channels;
  std::vector<Time> conflicts;          // writes of its that were refused as out of date
  std::vector<Time> broken_handshakes;  // connections to Slack that failed in TLS
  std::vector<Time> tls_failures;       // attempts that it recorded as failed in TLS
  std::vector<Time> retries;            // tries on Slack that it recorded, after failures that it recorded
  std::set<std::string> failures;       // of tries that were made on Slack: uid/number
  std::vector<Time> doubts;             // answers that it never got: it cannot know
};

/// The dangerous moment: a page is looked at after something has happened that it must count. What is on its
/// way while the page is printed counts either way.
class MetricsMatchLedger final : public Invariant {
 public:
  using Invariant::Invariant;
  /// From a deed to its counting: a send's total time-out, and the write of its result.
  static constexpr Duration kOnItsWay = seconds{20};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    time_ = fact.time;
    if (const std::string* holder = faults::lease_holder_of(fact)) return lease(*holder);
    if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      committed(fact, *commit);
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      const std::string& sender = delivered->sender.empty() ? fact.actor.process : delivered->sender;
      now(sender).channels[delivered->channel].delivered.push_back(fact.time);
    } else if (const auto* refused = std::get_if<models::Refused>(&fact.what)) {
      const bool is_status = refused->object.resource == kNotifications && refused->verb != "POST";
      if (is_status && refused->status == 409) now(fact.actor.process).conflicts.push_back(fact.time);
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      if (answered->status == 0) now(answered->sender).doubts.push_back(fact.time);
    } else if (const auto* fault = std::get_if<models::FaultFired>(&fact.what)) {
      // Who stood still when its answer came hears of it too late to believe it.
      for (const char* family : {"http-", "net-", "process-pause", "process-slow"})
        odd_answers_ = odd_answers_ || fault->fault.starts_with(family);
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      if (!opened->tls.empty() && opened->tls != "ok")
        now(opened->sender).broken_handshakes.push_back(fact.time);
    } else if (const MetricsPage* shown = history().metrics_page()) {
      page(fact, *shown);
    }
  }

 private:
  LifeDeeds& now(const std::string& process) {
    const Lives::Life* life = lives_.last(process);
    return deeds_[process + "/" + std::to_string(life != nullptr ? life->incarnation : 0)];
  }

  void lease(const std::string& holder) {
    const std::string process = holder.substr(0, holder.find('_'));
    if (process == leader_) return;
    leader_ = process;
    leads_since_ = time_;
  }

  void committed(const models::Fact& fact, const models::Committed& commit) {
    if (commit.object.resource != kNotifications) return;
    if (const StatusWrite* write = history().status_write()) {
      const StatusView& before = write->before;
      const StatusView& after = write->after;
      for (std::size_t i = 0; i < after.attempts.size(); ++i) {
        const AttemptView& attempt = after.attempts[i];
        const bool is_new = i >= before.attempts.size() || before.attempts[i].is_pending();
        Deeds& deeds = now(fact.actor.process).channels[attempt.channel];
        if (is_new && attempt.is_success()) deeds.succeeded.push_back(fact.time);
        if (is_new && attempt.is_failure()) deeds.failed.push_back(fact.time);
        if (is_new && attempt.channel == "slack" && attempt.number)
          slack_try(fact, commit.object.uid, attempt,
                    commit.after->at("status").at("deliveryAttempts").at(i));
        if (is_new && attempt.is_failure() && names_tls(attempt.error))
          now(fact.actor.process).tls_failures.push_back(fact.time);
      }
    }
    if (commit.before) --phase_count_[phase_of(*commit.before)];
    if (commit.after) ++phase_count_[phase_of(*commit.after)];
    changes_.emplace_back(time_, phase_count_);
  }

  void slack_try(const models::Fact& fact, const std::string& uid, const AttemptView& attempt,
                 const models::Json& record) {
    LifeDeeds& deeds = now(fact.actor.process);
    const auto key = [&](std::int64_t number) { return fmt::format("{}/{}", uid, number); };
    if (attempt.is_failure() && is_made_failure(record)) deeds.failures.insert(key(*attempt.number));
    const bool made = attempt.is_success() || is_made_failure(record);
    if (made && deeds.failures.contains(key(*attempt.number - 1))) deeds.retries.push_back(fact.time);
  }

  void page(const models::Fact& fact, const MetricsPage& page) {
    fact_ = fact.number;
    process_ = fact.actor.process;
    LifeDeeds& deeds = now(process_);
    judge_results(page, metrics().deliveries, deeds);
    judge_results(page, metrics().attempts, deeds);
    judge_durations(page, deeds);
    judge_phases(page);
    judge_breaker(page);
    judge_counter(page, metrics().conflicts, deeds.conflicts, "refused status writes");
    judge_tls(page, deeds);
    judge_retries(page, deeds);
  }

  /// Facts that a process cannot know, and those that it may not have heard of yet.
  bool may_lag(const LifeDeeds& deeds) const {
    const Lives::Life* life = lives_.last(process_);
    return !deeds.doubts.empty() || life == nullptr || !lives_.api_calm(life->began, time_) ||
           lives_.disturbed(process_, time_ - kOnItsWay, time_);
  }

  void judge_results(const MetricsPage& page, const MetricNames::Results& names, const LifeDeeds& deeds) {
    if (names.name.empty()) return;
    std::map<std::string, std::pair<Count, Count>> counted;  // by channel: successes, failures
    for (const auto& [channel, ignored] : deeds.channels) counted[channel];
    const auto is_one = [](const std::vector<std::string>& words, const std::string& word) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    for (const MetricsPage::Sample& sample : page.samples(names.name)) {
      const std::string& result = sample.label(names.result_label);
      auto& [successes, failures] = counted[sample.label(names.channel_label)];
      if (is_one(names.success, result)) successes += sample.value;
      if (is_one(names.failure, result)) failures += sample.value;
    }
    static const Deeds kNone;
    for (const auto& [channel, counts] : counted) {
      const auto found = deeds.channels.find(channel);
      const Deeds& did = found == deeds.channels.end() ? kNone : found->second;
      const Count sent = until(did.delivered, time_);
      const Count recorded = until(did.succeeded, time_);
      if (sent > 0 || recorded > 0) reach();
      if (counts.first > std::max(sent, recorded))
        tell(names.name + channel + "+", fmt::format("counts {} successes on {}, there were {}", counts.first,
                                                     channel, std::max(sent, recorded)));
      const Count least =
          std::min(until(did.delivered, time_ - kOnItsWay), until(did.succeeded, time_ - kOnItsWay));
      // A counter of sends can know only what the answers say; and what a former life sent may arrive in
      // this.
      const bool of_sends = names.name == metrics().attempts.name;
      const Lives::Life* life = lives_.last(process_);
      const bool knows = life != nullptr && life->incarnation == 1 && !(of_sends && odd_answers_);
      if (counts.first < least && knows && !may_lag(deeds))
        tell(names.name + channel + "-",
             fmt::format("counts {} successes on {}, there were {}", counts.first, channel, least));
      judge_failures(names.name, channel, counts.second, did, deeds);
    }
  }

  /// Failures are seen from the statuses only; one whose notification is gone was never written down.
  void judge_failures(const std::string& name, const std::string& channel, Count counted, const Deeds& did,
                      const LifeDeeds& deeds) {
    const Count recorded = until(did.failed, time_);
    if (counted == 0 && recorded == 0) return;
    reach();
    if (name == metrics().deliveries.name && counted < until(did.failed, time_ - kOnItsWay) &&
        !may_lag(deeds))
      tell(name + channel + "f", fmt::format("counts {} failures on {}, {} are in statuses", counted, channel,
                                             until(did.failed, time_ - kOnItsWay)));
    const bool nothing_happened = recorded == 0 && did.delivered.empty() && history().incarnations().empty();
    if (nothing_happened)
      tell(name + channel + "f",
           fmt::format("counts {} failures on {} before anything happened", counted, channel));
  }

  void judge_durations(const MetricsPage& page, const LifeDeeds& deeds) {
    const std::string name = metrics().duration;
    if (name.empty()) return;
    static const Deeds kNone;
    std::map<std::string, Count> counted;
    for (const auto& [channel, ignored] : deeds.channels) counted[channel];
    for (const MetricsPage::Sample& sample : page.samples(name + "_count"))
      counted[sample.label(metrics().duration_channel_label)] += sample.value;
    for (const auto& [channel, count] : counted) {
      const auto found = deeds.channels.find(channel);
      const Deeds& did = found == deeds.channels.end() ? kNone : found->second;
      const Count least =
          std::min(until(did.delivered, time_ - kOnItsWay), until(did.succeeded, time_ - kOnItsWay));
      const Lives::Life* life = lives_.last(process_);
      const bool knows = life != nullptr && life->incarnation == 1;  // as judge_results
      if (count < least && knows && !may_lag(deeds))
        tell(name + channel,
             fmt::format("observes {} durations on {}, {} were delivered", count, channel, least));
      if (count > 0 && did.delivered.empty() && history().incarnations().empty())
        tell(name + channel,
             fmt::format("observes {} durations on {} before anything happened", count, channel));
    }
  }

  /// A watch shows a change late; in between any count of the last seconds is right.
  void judge_phases(const MetricsPage& page) {
    constexpr Duration kSeen = seconds{10};
    if (metrics().phase.empty() || changes_.empty() || !lives_.api_calm(Time::min(), time_)) return;
    if (lives_.disturbed(process_, time_ - kOnItsWay, time_)) return;
    const bool leads = leader_.empty() || (leader_ == process_ && time_ - leads_since_ >= kOnItsWay);
    if (!leads) return;
    std::map<std::string, Count> shown;
    for (const MetricsPage::Sample& sample : page.samples(metrics().phase))
      shown[sample.label(metrics().phase_label)] += sample.value;
    for (const char* phase : {"Pending", "Sending", "Retrying", "Sent", "PartiallySent", "Failed"}) {
      Count least = phase_count_[phase];
      Count most = least;
      for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
        const auto then = change->second.find(phase);
        const Count count = then == change->second.end() ? 0 : then->second;
        least = std::min(least, count);
        most = std::max(most, count);
        if (change->first < time_ - kSeen) break;
      }
      if (changes_.front().first >= time_ - kSeen) least = 0;
      if (most > 0) reach();
      if (shown[phase] >= least && shown[phase] <= most) continue;
      tell(std::string("phase ") + phase, fmt::format("shows {} notifications in {}, there are {}",
                                                      shown[phase], phase, phase_count_[phase]));
    }
  }

  void judge_breaker(const MetricsPage& page) {
    if (metrics().breaker.empty()) return;
    for (const MetricsPage::Sample& sample : page.samples(metrics().breaker)) {
      if (sample.value < 0 || sample.value > 2)
        tell("breaker", fmt::format("shows {} for the state of a breaker", sample.value));
      if (sample.value != 0) judge_breaker_help(page);
    }
  }

  /// Who sees a breaker that is not closed looks up what the number means.
  void judge_breaker_help(const MetricsPage& page) {
    constexpr std::array<std::string_view, 3> kStates = {"closed", "half-open", "open"};
    const std::string help = page.help(metrics().breaker);
    for (std::size_t value = 0; value < kStates.size(); ++value) {
      const std::size_t at = help.find(static_cast<char>('0' + value));
      if (at == std::string::npos) continue;
      std::string_view word = std::string_view(help).substr(at + 1);
      while (!word.empty() && (word.front() == '=' || word.front() == ' ' || word.front() == ':'))
        word.remove_prefix(1);
      word = word.substr(0, std::min(word.find_first_of(", "), word.size()));
      if (word == kStates[value]) continue;
      return tell("breaker help", fmt::format("says of a breaker's state that {} is {}; it is {}", value,
                                              word, kStates[value]));
    }
  }

  void judge_counter(const MetricsPage& page, const std::string& name, const std::vector<Time>& events,
                     const char* what) {
    if (name.empty()) return;
    const Count counted = page.sum(name);
    const Count most = until(events, time_);
    const Count least = until(events, time_ - kOnItsWay);
    if (most > 0) reach();
    // A refusal that a fault makes is seen by the client alone.
    if (counted > most && !lives_.fired("api-conflict"))
      tell(name, fmt::format("counts {} {}, there were {}", counted, what, most));
    if (counted < least && !may_lag(now(process_)))
      tell(name, fmt::format("counts {} {}, there were {}", counted, what, least));
  }

  void judge_tls(const MetricsPage& page, const LifeDeeds& deeds) {
    const std::string& name = metrics().tls_errors;
    if (name.empty()) return;
    const Count counted = page.sum(name);
    const Count most = until(deeds.broken_handshakes, time_);
    if (most > 0) reach();
    if (counted > most && most == 0)
      tell(name, fmt::format("counts {} TLS errors, no handshake failed", counted));
    const Count recorded = until(deeds.tls_failures, time_ - kOnItsWay);
    if (counted == 0 && most > 0 && recorded > 0 && !may_lag(deeds))
      tell(name, fmt::format("counts no TLS error, statuses name {}", recorded));
  }

  /// What is a retry, subjects count differently; who tried again and again has counted some.
  void judge_retries(const MetricsPage& page, const LifeDeeds& deeds) {
    const std::string& name = metrics().retries;
    const Count recorded = until(deeds.retries, time_ - kOnItsWay);
    if (name.empty() || recorded == 0) return;
    reach();
    if (page.sum(name) == 0 && !may_lag(deeds))
      tell(name, fmt::format("counts no retries in {}, statuses show {}", name, recorded));
  }

  /// Once for each life and kind.
  void tell(const std::string& kind, const std::string& what) {
    const Lives::Life* life = lives_.last(process_);
    const std::uint32_t number = life != nullptr ? life->incarnation : 0;
    if (!told_.insert(fmt::format("{}/{} {}", process_, number, kind)).second) return;
    violate(nullptr, time_, {fact_}, fmt::format("the metrics page of {}: {}", process_, what));
  }

  Lives lives_;
  std::map<std::string, LifeDeeds> deeds_;  // by process and life
  std::map<std::string, Count> phase_count_;
  std::vector<std::pair<Time, std::map<std::string, Count>>> changes_;  // phase counts after each change
  std::string leader_;
  Time leads_since_;
  bool odd_answers_ = false;  // answers that leave open whether a message was taken
  std::set<std::string> told_;
  Time time_;
  std::uint64_t fact_ = 0;
  std::string process_;
};

}  // namespace

const InvariantInfo kMetricsMatchLedger = {"metrics-match-ledger",
                                           "The metrics say what happened: counters, histograms and phases "
                                           "agree with the world, and none is made up.",
                                           "scraped pages against delivered facts, statuses and refusals",
                                           Duration{0}, make_invariant<MetricsMatchLedger>};

}  // namespace racebed::experiments

#include "models/ledger/ledger.hpp"

#include <algorithm>
#include <array>

namespace racebed::models {

Ledger::Ledger(std::function<Time()> now, std::size_t keep) : now_(std::move(now)), keep_(keep) {}

void Ledger::subscribe(Subscriber subscriber) {
  subscribers_.push_back(std::move(subscriber));
}

namespace {

class Books {
 public:
  explicit Books(const std::function<void(bool)>& around) : around_(around) {
    if (around_) around_(true);
  }
  ~Books() {
    if (around_) around_(false);
  }
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

 private:
  const std::function<void(bool)>& around_;
};

}  // namespace

void Ledger::record(Actor actor, What what) {
  const Books books(bookkeeping_);
  facts_.push_back({++numbers_, now_(), std::move(actor), std::move(what)});
  if (telling_) return;  // the outer call tells it
  telling_ = true;
  for (; told_ < facts_.size(); ++told_) {
    const Fact& fact = facts_[told_];
    for (const Subscriber& subscriber : subscribers_) subscriber(fact);
  }
  telling_ = false;
  if (facts_.size() / 2 > keep_) forget();
}

void Ledger::forget() {
  const std::size_t old = facts_.size() - keep_;
  facts_.erase(facts_.begin(), facts_.begin() + static_cast<std::ptrdiff_t>(old));
  told_ -= old;
}

std::string_view kind_of(const Fact& fact) {
  static constexpr std::array<std::string_view, std::variant_size_v<What>> kNames = {
      "committed",    "refused",           "observed",      "user-created", "user-deleted", "delivered",
      "answered",     "connection-opened", "process-event", "fault-fired",  "claimed",      "requested",
      "fault-lifted", "phase-began",       "passed",        "vanished"};
  return kNames[fact.what.index()];
}

std::string_view to_text(Committed::Operation operation) {
  static constexpr std::array<std::string_view, 5> kNames = {"create", "update", "status", "mark-deleted",
                                                             "remove"};
  return kNames[static_cast<std::size_t>(operation)];
}

std::string_view to_text(Observed::Source source) {
  static constexpr std::array<std::string_view, 3> kNames = {"store", "cache", "watch"};
  return kNames[static_cast<std::size_t>(source)];
}

std::string_view to_text(ProcessEvent::What what) {
  static constexpr std::array<std::string_view, 7> kNames = {"started", "killed", "power-lost", "paused",
                                                             "resumed", "exited", "crashed"};
  return kNames[static_cast<std::size_t>(what)];
}

std::string_view to_text(PhaseBegan::Phase phase) {
  return phase == PhaseBegan::Phase::chaos ? "chaos" : "settle";
}

namespace {
constexpr std::array<std::string_view, 9> kPoints = {
    "api-before-commit", "api-before-show",  "api-shown",     "core-sends-read",    "core-has-read",
    "core-sends-write",  "core-has-written", "core-receives", "slack-before-answer"};
}

std::string_view to_text(Passed::Point point) {
  return kPoints[static_cast<std::size_t>(point)];
}

std::optional<Passed::Point> point_named(std::string_view text) {
  const auto found = std::find(kPoints.begin(), kPoints.end(), text);
  if (found == kPoints.end()) return std::nullopt;
  return static_cast<Passed::Point>(found - kPoints.begin());
}

}  // namespace racebed::models

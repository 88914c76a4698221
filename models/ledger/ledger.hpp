// The ledger: every fact of a run in order, and who wants to hear of each as it happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

class Ledger {
 public:
  using Subscriber = std::function<void(const Fact&)>;
  /// `now` gives the run's virtual time, not any process's own idea of it.
  /// A program that runs for ever keeps the last `keep` facts at least, and twice as many at most; a run
  /// keeps all.
  explicit Ledger(std::function<Time()> now, std::size_t keep = SIZE_MAX);

  /// Appends a fact and tells every subscriber, in the order in which they subscribed, before it returns. A
  /// subscriber may record further facts: they are appended at once and told after this one.
  void record(Actor actor, What what);

  /// Facts in order, those that are kept. A reference stays valid as long as its fact is kept.
  const std::deque<Fact>& facts() const { return facts_; }
  /// Hands them over and keeps none of them. Not from within a subscriber.
  std::deque<Fact> take_facts() {
    told_ = 0;
    return std::exchange(facts_, {});
  }

  /// `around(true)` is called before a fact is written down and told, `around(false)` after it; calls nest.
  /// For whoever accounts for memory: what is kept here is not the actor's.
  void set_bookkeeping(std::function<void(bool begins)> around) { bookkeeping_ = std::move(around); }

  /// For the life of the ledger.
  void subscribe(Subscriber subscriber);

  /// Somebody waits for moments of this kind from now on: they are told.
  void want(Passed::Point point) { wanted_ |= 1U << static_cast<unsigned>(point); }
  /// Whether such a moment should be recorded. Nobody asks: nobody pays.
  bool wants(Passed::Point point) const { return (wanted_ & 1U << static_cast<unsigned>(point)) != 0; }

 private:
  void forget();
  std::function<Time()> now_;
  std::size_t keep_;
  std::uint64_t numbers_ = 0;
  std::deque<Fact> facts_;
  std::vector<Subscriber> subscribers_;
  std::function<void(bool)> bookkeeping_;
  std::size_t told_ = 0;
  bool telling_ = false;
  std::uint32_t wanted_ = 0;  // a bit for each point
};

/// The name of a fact's kind in kebab-case: "committed", "delivered" ...; used by traces and triggers.
std::string_view kind_of(const Fact& fact);
// And of its parts: "mark-deleted", "cache", "power-lost".
std::string_view to_text(Committed::Operation operation);
std::string_view to_text(Observed::Source source);
std::string_view to_text(ProcessEvent::What what);
std::string_view to_text(PhaseBegan::Phase phase);
std::string_view to_text(Passed::Point point);  // "api-before-commit" ...
/// Nothing if no point is called so.
std::optional<Passed::Point> point_named(std::string_view text);

}  // namespace racebed::models

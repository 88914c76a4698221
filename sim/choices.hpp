// The one source of nondeterminism. Whatever could go two ways in a run is a choice: it has a site (where), a
// bound (how many ways) and a value in [0, bound). A run is a pure function of its scenario and its choices;
// the seed alone gives them all again, and so does the record of them. Value 0 is always the dullest outcome.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.hpp"
#include "sim/hash.hpp"

namespace racebed::sim {

struct Operation;

/// A task that could run next.
struct Candidate {
  Operation* operation = nullptr;
  std::uint32_t process = 0;  // id in the kernel
  std::uint32_t task = 0;     // id in the kernel
};

/// One choice that was made.
struct Choice {
  std::string_view site;     // its name; refers to a literal, or to the script that it came from
  std::uint64_t stream = 0;  // which random stream: the hash of the process's name; 0 for the kernel's own
  std::uint64_t bound = 1;
  std::uint64_t value = 0;
};

/// Where values come from. `next` gives a value in [0, bound).
class ChoiceSource {
 public:
  virtual ~ChoiceSource() = default;
  virtual std::uint64_t next(Site site, std::uint64_t stream, std::uint64_t bound) = 0;
};

/// Each (stream, site) is an independent random sequence under the seed, so that one more draw in one place
/// shifts no other. Integer arithmetic only.
std::unique_ptr<ChoiceSource> seeded_choices(std::uint64_t seed);

/// What a replay finds when the run asks for something else than was recorded.
struct ChoiceMismatch {
  std::size_t index = 0;  // of the choice, from 0
  Choice recorded;
  Choice asked;  // its value is not known
};

/// The recorded values in order, then 0 for ever. `on_mismatch` hears of the first choice whose site, stream
/// or bound is not the recorded one (the value is then taken modulo the bound); null ignores them.
std::unique_ptr<ChoiceSource> scripted_choices(
    std::vector<Choice> script, std::function<void(const ChoiceMismatch&)> on_mismatch = nullptr);

class Choices {
 public:
  explicit Choices(std::unique_ptr<ChoiceSource> source);

  /// A value in [0, n), n >= 1. With n == 1 there is nothing to choose: 0, not recorded.
  std::uint64_t pick(std::uint64_t n, Site site, std::uint64_t stream = 0) {
    return n == 1 ? 0 : choose(n, site, stream);
  }
  /// The index of the candidate to run next; candidates are in the order in which they became ready, never
  /// empty.
  std::size_t schedule(std::span<const Candidate> candidates);

  const std::vector<Choice>& made() const { return made_; }
  const Hash128& hash() const { return hash_; }

 private:
  std::uint64_t choose(std::uint64_t n, Site site, std::uint64_t stream);

  std::unique_ptr<ChoiceSource> source_;
  std::vector<Choice> made_;
  Hash128 hash_;
};

}  // namespace racebed::sim

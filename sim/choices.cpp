#include "sim/choices.hpp"

#include <fmt/format.h>

#include <utility>

#include "runtime/assert.hpp"
#include "sim/heap_account.hpp"

namespace racebed::sim {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the
/// output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Maps a uniform 64-bit value to [0, bound) by the high half of a product (Lemire 2019). The bias is below
/// bound / 2^64, which no sweep can see.
std::uint64_t scale(std::uint64_t value, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(value) * bound) >> 64);
}

/// How often each random stream has been drawn from. Open addressing; never iterated.
class StreamCounters {
 public:
  StreamCounters() : slots_(64) {}
  std::uint64_t next(std::uint64_t key) {
    if (2 * used_ >= slots_.size()) grow();
    Slot& slot = find(key);
    if (!slot.used) {
      slot = {key, 0, true};
      ++used_;
    }
    return slot.count++;
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint64_t count = 0;
    bool used = false;
  };
  Slot& find(std::uint64_t key) {
    for (std::size_t i = key & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      if (!slots_[i].used || slots_[i].key == key) return slots_[i];
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) find(slot.key) = slot;
    }
  }
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

class Seeded final : public ChoiceSource {
 public:
  explicit Seeded(std::uint64_t seed) : seed_(mix(seed + kGolden)) {}
  std::uint64_t next(Site site, std::uint64_t stream, std::uint64_t bound) override {
    const std::uint64_t key = mix(seed_ ^ mix(site.hash() + kGolden * stream));
    return scale(mix(key + kGolden * counters_.next(key)), bound);
  }

 private:
  std::uint64_t seed_;
  StreamCounters counters_;
};

class Scripted final : public ChoiceSource {
 public:
  Scripted(std::vector<Choice> script, std::function<void(const ChoiceMismatch&)> on_mismatch)
      : script_(std::move(script)), on_mismatch_(std::move(on_mismatch)) {}
  std::uint64_t next(Site site, std::uint64_t stream, std::uint64_t bound) override {
    if (at_ == script_.size()) return 0;
    const Choice& recorded = script_[at_++];
    if (recorded.site != site.name() || recorded.stream != stream || recorded.bound != bound)
      report(site, stream, bound);
    return recorded.value % bound;
  }

 private:
  void report(Site site, std::uint64_t stream, std::uint64_t bound) {
    if (!on_mismatch_) return;
    const ChoiceMismatch mismatch{at_ - 1, script_[at_ - 1], {site.name(), stream, bound, 0}};
    std::exchange(on_mismatch_, nullptr)(mismatch);
  }
  std::vector<Choice> script_;
  std::function<void(const ChoiceMismatch&)> on_mismatch_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<ChoiceSource> seeded_choices(std::uint64_t seed) {
  return std::make_unique<Seeded>(seed);
}

std::unique_ptr<ChoiceSource> scripted_choices(std::vector<Choice> script,
                                               std::function<void(const ChoiceMismatch&)> on_mismatch) {
  return std::make_unique<Scripted>(std::move(script), std::move(on_mismatch));
}

Choices::Choices(std::unique_ptr<ChoiceSource> source) : source_(std::move(source)) {}

std::uint64_t Choices::choose(std::uint64_t n, Site site, std::uint64_t stream) {
  RACEBED_ASSERT(n > 0, fmt::format("a choice at {} has at least one way", site.name()));
  const std::uint64_t value = source_->next(site, stream, n);
  RACEBED_ASSERT(value < n, fmt::format("choice {} at {} is below its bound {}", value, site.name(), n));
  const heap::Unpaid kernels;  // its record of the run is not the memory of whoever chooses
  made_.push_back({site.name(), stream, n, value});
  hash_.add(site.hash());
  hash_.add(n);
  hash_.add(value);
  return value;
}

std::size_t Choices::schedule(std::span<const Candidate> candidates) {
  RACEBED_ASSERT(!candidates.empty(), "there is a task to schedule");
  return static_cast<std::size_t>(pick(candidates.size(), "schedule"));
}

}  // namespace racebed::sim

// Finds the entry of a big ordered map by its key without a walk down the tree, which costs a cache miss on
// every level. It has no order and cannot be iterated, so that none of its insides can show anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace racebed::models {

/// `Iterator` is one of a node-based map with keys of text; entries must stay where they are while indexed.
template <class Iterator>
class KeyIndex {
 public:
  /// Null if there is none. Good until the next change of the index.
  const Iterator* find(std::string_view key) const {
    if (slots_.empty()) return nullptr;
    const std::uint64_t hash = hash_of(key);
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (!slot.used) return nullptr;
      if (slot.hash == hash && slot.entry->first == key) return &slot.entry;
    }
  }

  /// Requires: its key is not indexed.
  void insert(Iterator entry) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place({hash_of(entry->first), entry, true});
    ++size_;
  }

  /// Requires: it is indexed.
  void erase(std::string_view key) {
    const std::uint64_t hash = hash_of(key);
    std::size_t gap = hash & mask();
    while (!(slots_[gap].used && slots_[gap].hash == hash && slots_[gap].entry->first == key))
      gap = (gap + 1) & mask();
    // What comes after in the same run moves up, unless it would come before its own place.
    for (std::size_t at = (gap + 1) & mask(); slots_[at].used; at = (at + 1) & mask()) {
      const std::size_t home = slots_[at].hash & mask();
      if (((at - home) & mask()) < ((at - gap) & mask())) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap] = {};
    --size_;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Iterator entry{};
    bool used = false;
  };
  static std::uint64_t hash_of(std::string_view key) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash ^ (hash >> 32);
  }
  std::size_t mask() const { return slots_.size() - 1; }
  void place(const Slot& slot) {
    std::size_t at = slot.hash & mask();
    while (slots_[at].used) at = (at + 1) & mask();
    slots_[at] = slot;
  }
  void grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : slots_.size() * 2));
    for (const Slot& slot : old) {
      if (slot.used) place(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half used
  std::size_t size_ = 0;
};

}  // namespace racebed::models

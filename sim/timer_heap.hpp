// The operations that wait for a time, earliest first; equal times in the order in which they were pushed. A
// 4-ary heap whose nodes know their place, so that any of them can be taken out.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/assert.hpp"
#include "runtime/time.hpp"
#include "sim/operation.hpp"

namespace racebed::sim {

class TimerHeap {
 public:
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  /// The earliest due time. Requires: not empty.
  Time next_due() const { return entries_.front().due; }

  void push(Operation* operation, Time due) {
    entries_.push_back({due, next_sequence_++, operation});
    sift_up(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  /// Takes the earliest. Requires: not empty.
  Operation* pop() {
    Operation* operation = entries_.front().operation;
    remove_at(0);
    return operation;
  }
  /// Takes `operation` out. Requires: it is in the heap.
  void remove(Operation* operation) {
    RACEBED_ASSERT(operation->heap_index < entries_.size(), "the operation waits in this heap");
    remove_at(operation->heap_index);
  }
  /// Takes out every operation for which `predicate` holds, in no particular order, and hands it to `take`.
  template <class Predicate, class Take>
  void remove_if(Predicate predicate, Take take) {
    std::vector<Operation*> taken;
    for (const Entry& entry : entries_) {
      if (predicate(entry.operation)) taken.push_back(entry.operation);
    }
    for (Operation* operation : taken) remove(operation);
    for (Operation* operation : taken) take(operation);
  }

 private:
  struct Entry {
    Time due;
    std::uint64_t sequence;
    Operation* operation;
    bool before(const Entry& other) const {
      return due != other.due ? due < other.due : sequence < other.sequence;
    }
  };
  static constexpr std::uint32_t kArity = 4;

  void place(std::uint32_t index, const Entry& entry) {
    entries_[index] = entry;
    entry.operation->heap_index = index;
  }
  void sift_up(std::uint32_t index) {
    const Entry moving = entries_[index];
    while (index > 0) {
      const std::uint32_t parent = (index - 1) / kArity;
      if (!moving.before(entries_[parent])) break;
      place(index, entries_[parent]);
      index = parent;
    }
    place(index, moving);
  }
  void sift_down(std::uint32_t index) {
    const Entry moving = entries_[index];
    const auto size = static_cast<std::uint32_t>(entries_.size());
    for (;;) {
      const std::uint32_t first = index * kArity + 1;
      if (first >= size) break;
      const std::uint32_t last = first + kArity < size ? first + kArity : size;
      std::uint32_t least = first;
      for (std::uint32_t child = first + 1; child < last; ++child) {
        if (entries_[child].before(entries_[least])) least = child;
      }
      if (!entries_[least].before(moving)) break;
      place(index, entries_[least]);
      index = least;
    }
    place(index, moving);
  }
  void remove_at(std::uint32_t index) {
    entries_[index].operation->heap_index = Operation::kNotInHeap;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (index == entries_.size()) return;
    place(index, last);
    sift_down(index);
    sift_up(last.operation->heap_index);
  }

  std::vector<Entry> entries_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace racebed::sim

// Memory that was given back, kept by size for whoever wants as much next. A run makes and drops millions of
// small objects; asking the C library for each took a fifth of a run. What is kept belongs to the thread
// that gave it back, for as long as the program runs. Address sanitizers see every block go and come instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace racebed::sim {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RACEBED_ADDRESSES_ARE_WATCHED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define RACEBED_ADDRESSES_ARE_WATCHED 1
#endif

/// Without a constructor or destructor of its own, because `new` is called before and after those of all
/// else.
class BlockPool {
 public:
  /// Larger blocks are not kept.
  static constexpr std::size_t kLargest = 16 * 1024;
  /// In all. What is given back beyond it goes to the C library.
  static constexpr std::size_t kKeptMost = std::size_t{64} * 1024 * 1024;
#ifdef RACEBED_ADDRESSES_ARE_WATCHED
  static constexpr bool kKeeps = false;
#else
  static constexpr bool kKeeps = true;
#endif

  /// At least `size` bytes, aligned to 16; null if there are none. `fresh`: not one that was kept.
  void* take(std::size_t size, bool fresh) {
    if (!kKeeps || size > kLargest) return std::malloc(size);
    const Shelf shelf = shelf_of(size);
    Kept*& first = shelves_[shelf.number];
    if (fresh || first == nullptr) return std::malloc(shelf.size);
    Kept* block = first;
    first = block->next;
    kept_ -= shelf.size;
    return block;
  }

  /// `size` as it was asked for.
  void give(void* block, std::size_t size) noexcept {
    if (!kKeeps || size > kLargest) return std::free(block);
    const Shelf shelf = shelf_of(size);
    if (kept_ + shelf.size > kKeptMost) return std::free(block);
    kept_ += shelf.size;
    Kept*& first = shelves_[shelf.number];
    first = ::new (block) Kept{first};
  }

 private:
  struct Kept {
    Kept* next;
  };
  struct Shelf {
    std::size_t number;
    std::size_t size;  // of every block on it
  };
  // By 16 bytes up to kSmall, by 512 above.
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kSmallShelves = kSmall / 16 + 1;
  static constexpr Shelf shelf_of(std::size_t size) {
    if (size <= kSmall) return {(size + 15) / 16, (size + 15) / 16 * 16};
    return {kSmallShelves + (size - kSmall + 511) / 512, kSmall + (size - kSmall + 511) / 512 * 512};
  }
  std::array<Kept*, kSmallShelves + (kLargest - kSmall) / 512 + 1> shelves_{};
  std::size_t kept_ = 0;
};

}  // namespace racebed::sim

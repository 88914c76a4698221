#include "sim/block_pool.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>

using racebed::sim::BlockPool;

TEST_CASE("a block that was given back serves the next of about its size, unless a fresh one is asked for") {
  if (!BlockPool::kKeeps) return;  // under an address sanitizer nothing is kept
  BlockPool pool{};
  const auto address = [](void* block) { return reinterpret_cast<std::uintptr_t>(block); };
  void* first = pool.take(100, false);
  const std::uintptr_t place = address(first);
  pool.give(first, 100);
  void* fresh = pool.take(100, true);
  CHECK(address(fresh) != place);
  void* other_size = pool.take(1000, false);
  CHECK(address(other_size) != place);
  void* second = pool.take(97, false);
  CHECK(address(second) == place);
  for (void* block : {fresh, other_size, second}) std::free(block);
}

TEST_CASE("every size up to the largest has a block of at least its size on its shelf, aligned to 16") {
  BlockPool pool{};
  for (std::size_t size = 1; size <= BlockPool::kLargest + 1; size += size < 1100 ? 1 : 101) {
    void* block = pool.take(size, false);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 16 == 0);
    std::memset(block, 0x5a, size);
    pool.give(block, size);
    void* again = pool.take(size, false);
    std::memset(again, 0xa5, size);
    std::free(again);
  }
}

#include "sim/heap_account.hpp"

#include <array>
#include <cstring>
#include <new>

#include "runtime/assert.hpp"
#include "sim/block_pool.hpp"

// Global operator new is replaced here, so the state it needs is global too: one slot for each account and,
// for each thread, who pays. Nothing of it reaches a run's choices, trace or hash.
namespace racebed::sim::heap {
namespace {

struct Slot {
  std::uint32_t epoch = 0;  // how often the slot was opened; tells its memory from an earlier owner's
  bool open = false;
  Bytes bytes;
};

/// Stands before every block. 16 bytes, so that what follows stays aligned.
struct alignas(16) Header {
  std::uint64_t size_and_pad;  // size in the low 48 bits, padding before the header in the high 16
  std::uint32_t slot;
  std::uint32_t epoch;
};
static_assert(sizeof(Header) == 16);

constinit thread_local BlockPool pool{};
constinit thread_local std::array<Slot, kAccountsMax> slots{};
constinit thread_local std::uint32_t payer = 0;
constinit thread_local std::uint64_t shake_seed = 0;
constinit thread_local std::uint64_t shake_count = 0;
constinit thread_local std::uint32_t next_slot = 1;

std::size_t padding() {
  const std::uint64_t x = (shake_seed + ++shake_count) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(x >> 59) * 16;  // 0 to 496 bytes
}

/// Writes the header, charges whoever pays, and returns what comes after the header.
void* charged(char* raw, std::size_t pad, std::size_t size) {
  Slot& slot = slots[payer];
  ::new (static_cast<void*>(raw + pad))
      Header{size | (static_cast<std::uint64_t>(pad) << 48), payer, slot.epoch};
  if (payer != 0) {
    slot.bytes.live += static_cast<std::int64_t>(size);
    if (slot.bytes.live > slot.bytes.peak) slot.bytes.peak = slot.bytes.live;
  }
  return raw + pad + sizeof(Header);
}

[[gnu::noinline]] void* allocate_shaken(std::size_t size) {
  const std::size_t pad = padding();
  void* raw = pool.take(pad + sizeof(Header) + size, true);
  if (raw == nullptr) return nullptr;
  void* block = charged(static_cast<char*>(raw), pad, size);
  std::memset(block, static_cast<int>(shake_seed & 0xff), size);
  return block;
}

void* allocate(std::size_t size) {
  if (shake_seed != 0) [[unlikely]]
    return allocate_shaken(size);
  void* raw = pool.take(sizeof(Header) + size, false);
  return raw == nullptr ? nullptr : charged(static_cast<char*>(raw), 0, size);
}

void release(void* block) noexcept {
  if (block == nullptr) return;
  auto* header = reinterpret_cast<Header*>(static_cast<char*>(block) - sizeof(Header));
  const std::uint64_t size = header->size_and_pad & 0xffffffffffffULL;
  if (header->slot != 0) {
    Slot& slot = slots[header->slot];
    if (slot.open && slot.epoch == header->epoch) slot.bytes.live -= static_cast<std::int64_t>(size);
  }
  const std::uint64_t pad = header->size_and_pad >> 48;
  pool.give(reinterpret_cast<char*>(header) - pad, pad + sizeof(Header) + size);
}

void* allocate_or_throw(std::size_t size) {
  for (;;) {
    if (void* block = allocate(size)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

Account open_account() {
  for (std::size_t tried = 1; tried < kAccountsMax; ++tried) {
    const std::uint32_t index = next_slot;
    next_slot = next_slot + 1 < kAccountsMax ? next_slot + 1 : 1;
    Slot& slot = slots[index];
    if (slot.open) continue;
    slot = {slot.epoch + 1, true, {}};
    return index;
  }
  RACEBED_ASSERT(false, "at most kAccountsMax memory accounts are open at a time");
  return 0;
}

void close_account(Account account) {
  RACEBED_ASSERT(account != 0 && slots[account].open, "the account is open");
  slots[account].open = false;
}

Bytes bytes_of(Account account) {
  return slots[account].bytes;
}

Account charge(Account account) noexcept {
  const Account before = payer;
  payer = account;
  return before;
}

void set_shake(std::uint64_t shake) noexcept {
  shake_seed = shake;
  shake_count = 0;
}

}  // namespace racebed::sim::heap

// NOLINTBEGIN(misc-new-delete-overloads): aligned forms stay the library's own and are not counted
void* operator new(std::size_t size) {
  return racebed::sim::heap::allocate_or_throw(size);
}
void* operator new[](std::size_t size) {
  return racebed::sim::heap::allocate_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return racebed::sim::heap::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return racebed::sim::heap::allocate(size);
}
void operator delete(void* block) noexcept {
  racebed::sim::heap::release(block);
}
void operator delete[](void* block) noexcept {
  racebed::sim::heap::release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  racebed::sim::heap::release(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  racebed::sim::heap::release(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  racebed::sim::heap::release(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  racebed::sim::heap::release(block);
}
// NOLINTEND

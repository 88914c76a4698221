// Who holds how much memory. While a run is on, every `new` is charged to the process whose code runs, and
// given back to it when the memory is freed, whoever frees it. The same place can shake the heap: fill new
// memory with a pattern and move blocks about, so that a run that depends on uninitialised bytes or on
// addresses comes out different from its twin.
#pragma once

#include <cstddef>
#include <cstdint>

namespace racebed::sim::heap {

/// An account; 0 is nobody's and is not counted.
using Account = std::uint32_t;

/// A fresh account with nothing on it. At most kAccountsMax are open at a time.
Account open_account();
/// Forgets the account; memory still charged to it is from then on nobody's.
void close_account(Account account);
inline constexpr std::size_t kAccountsMax = 4096;

struct Bytes {
  std::int64_t live = 0;
  std::int64_t peak = 0;
};
Bytes bytes_of(Account account);

/// From now on this thread's allocations are charged to `account`; returns who paid before.
Account charge(Account account) noexcept;
/// What is allocated while it lives is nobody's: the records that the testbed keeps of a process.
class Unpaid {
 public:
  Unpaid() = default;
  ~Unpaid() { charge(before_); }
  Unpaid(const Unpaid&) = delete;
  Unpaid& operator=(const Unpaid&) = delete;

 private:
  Account before_ = charge(0);
};

/// 0: off. Otherwise new memory is filled with a pattern and padded by amounts that both follow from `shake`.
void set_shake(std::uint64_t shake) noexcept;

}  // namespace racebed::sim::heap

// A failure domain: one incarnation of one process, as the kernel's hot path sees it. When it is dead,
// whatever is posted to it is destroyed at once; when it is paused, its work waits.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/heap_account.hpp"
#include "sim/operation.hpp"

namespace racebed::sim {

class Kernel;
class Process;

struct Domain {
  Domain(Kernel& k, Process* p, std::uint32_t process, std::uint32_t n)
      : kernel(&k), process(p), process_id(process), incarnation(n) {}
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  Kernel* kernel;
  Process* process;           // null for the world's own domain
  std::uint32_t process_id;   // 0: the world
  std::uint32_t incarnation;  // from 1; 0: the world
  heap::Account account = 0;
  bool dead = false;
  bool power_lost = false;  // it died so: its peers hear nothing
  bool paused = false;
  std::vector<Operation*> frozen;  // ready, but the domain is paused; in the order in which they became ready
};

}  // namespace racebed::sim

// Worker processes: gives them tasks, hears their answers, and replaces those that die or hang.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sweep/wire.hpp"

namespace racebed::sweep {

struct PoolOptions {
  std::string program;  // racebed itself
  unsigned workers = 1;
  std::chrono::seconds run_timeout{60};  // real time for one run
  std::uint64_t memory_bytes = 0;        // address space of a worker; 0: as much as there is
};

class Pool {
 public:
  /// What a worker said of a seed. Broken: several died of it, or one hung; `line` is empty then.
  struct Answer {
    Task task;  // with this one seed
    std::string line;
    std::string broken;
  };
  /// Throws std::system_error when no process can be started.
  Pool(PoolOptions options, std::function<void(const Answer&)> hear);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();  // ends the workers, whatever they do

  /// Runs everything that `next` gives, until it gives nothing and every worker is done. `idle` is called at
  /// least every quarter of a second; false: ends at once.
  void run(const std::function<bool(Task&)>& next, const std::function<bool()>& idle);

 private:
  class Worker;
  PoolOptions options_;
  std::function<void(const Answer&)> hear_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace racebed::sweep

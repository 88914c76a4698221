// Other clients of the API than the scenario's users: what faults have them do. One process, many hands; its
// requests arrive at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "experiments/scenario/scenario.hpp"
#include "experiments/world/api_servers.hpp"
#include "faults/surroundings.hpp"
#include "models/ledger/ledger.hpp"
#include "models/users/plan.hpp"
#include "runtime/task_group.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

class Visitors {
 public:
  /// All must outlive it.
  Visitors(sim::Kernel& kernel, models::Ledger& ledger, const Scenario& scenario, ApiServers& api);
  ~Visitors();
  void start();

  // As faults::Surroundings
  // -------------------------------------------------------------------------------------
  void create_more(std::uint64_t count, Duration over, bool accelerating);
  void remove(const models::ObjectRef& notification, std::uint64_t clients);
  void recreate(const models::ObjectRef& notification, Duration gap);
  void meddle(const models::ObjectRef& notification, bool with_status, faults::Meddling how,
              std::function<bool()> over);
  void remove_lease();

 private:
  struct Hands;
  void carry_out(models::Plan plan);
  std::string token_of(const models::ObjectRef& notification) const;
  asio::awaitable<void> main(Runtime& runtime);

  sim::Kernel& kernel_;
  models::Ledger& ledger_;
  const Scenario& scenario_;
  ApiServers& api_;
  sim::Process* process_ = nullptr;
  std::unique_ptr<Hands> hands_;  // from the process's start on
  std::uint64_t batches_ = 0;
};

}  // namespace racebed::experiments

// The faults of one run: armed when the chaos begins, each acts at its time or its moment for as long as it
// says, all are lifted when the run heals. It answers the questions of the models and acts on processes, API
// servers and users; nothing of it is known below.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "faults/api_faults.hpp"
#include "faults/host_faults.hpp"
#include "faults/leader.hpp"
#include "faults/link_faults.hpp"
#include "faults/plan.hpp"
#include "faults/slack_faults.hpp"
#include "faults/surroundings.hpp"
#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::faults {

/// What the models ask when no fault acts.
struct Calm {
  sim::LinkPolicy& links;
  models::FrontEndPolicy& api;
  models::ChainKind slack_chain = models::ChainKind::good;
};

class Engine {
 public:
  /// `api_servers`: the names of their processes. All must outlive the engine, which must outlive the run.
  Engine(sim::Kernel& kernel, models::Ledger& ledger, Surroundings& surroundings, Calm calm,
         const std::vector<std::string>& api_servers);
  ~Engine();

  sim::LinkPolicy& links() { return links_; }
  LinkFaults& weather() { return links_; }
  models::SlackPolicy& slack() { return slack_; }
  HostFaults& hosts() { return hosts_; }
  models::FrontEndPolicy& api(std::string_view server);
  /// The API server, by place in the list, that `client`'s requests are sent to now; nothing: its own.
  std::optional<std::size_t> rerouted(std::string_view client) const;

  /// The chaos begins: faults with a time are put on the clock, the others wait for their moments.
  void arm(const std::vector<FaultPlan>& plans);
  /// Every fault is lifted and none acts from now on; what was paused goes on.
  void heal();

 private:
  void act(const FaultPlan& plan, const std::string& occasion, const models::Fact* fact);
  void begin(const FaultPlan& plan, const std::string& occasion, const models::ObjectRef& object);
  void lift(const ActivePtr& fault);
  void on_api(const ActivePtr& fault);
  void on_process(const ActivePtr& fault, sim::Process& process);
  void on_users(const ActivePtr& fault, const models::ObjectRef& object);
  /// The processes that the target names now; of them, those that live.
  std::vector<sim::Process*> targets_of(const Active& fault);
  std::string resolved(const FaultPlan& plan);
  /// The notification that a fact is about; the youngest one when it is about none.
  models::ObjectRef object_of(const models::Fact* fact) const;
  void throttle(const ActivePtr& fault, sim::Process& process);
  void kill_again(const ActivePtr& fault, sim::Process& process);
  void watch_memory(const ActivePtr& fault, sim::Process& process);

  sim::Kernel& kernel_;
  models::Ledger& ledger_;
  Surroundings& surroundings_;
  LeaseHolder leader_;
  LinkFaults links_;
  SlackFaults slack_;
  HostFaults hosts_;
  std::vector<std::pair<std::string, std::unique_ptr<ApiFaults>>> api_;
  std::vector<ArmedTrigger> triggers_;
  std::vector<ActivePtr> acting_;  // those that last
  struct Known;
  std::unique_ptr<Known> known_;  // which notification a token is about
  bool healed_ = false;
};

}  // namespace racebed::faults

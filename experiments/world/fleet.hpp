// The controllers of a world: replicas of the subject, each in a process of its own; who dies is started
// again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/subject.hpp"
#include "experiments/world/api_conditions.hpp"
#include "experiments/world/api_servers.hpp"
#include "experiments/world/scrape.hpp"
#include "faults/host_faults.hpp"
#include "models/ledger/ledger.hpp"
#include "models/sinks/recording_files.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

class Fleet {
 public:
  using LogLines = std::function<void(std::string_view process, std::string_view line)>;
  /// All must outlive the fleet.
  Fleet(sim::Kernel& kernel, models::Ledger& ledger, const Scenario& scenario, const Subject& subject,
        ApiServers& api, ApiConditions& conditions, faults::HostFaults& hosts, LogLines log_lines);

  void start();
  /// What they hold now counts as initial.
  void mark_initial();
  /// Every controller is replaced in turn: its successor starts, and `every` later it is asked to end.
  void roll(Duration every);
  Scraper& scraper() { return scraper_; }

 private:
  void start_one();
  void replace(std::size_t index, std::size_t last, Duration every);
  void terminate(sim::Process& process);
  void watch(sim::Process& process);
  asio::awaitable<void> main(Runtime& runtime, sim::Process& process);
  SubjectEnvironment environment_of(Runtime& own, kube::ApiTransport& api, obs::LogSink& logs,
                                    models::AuditSink& audit, sim::Process& process);

  sim::Kernel& kernel_;
  models::Ledger& ledger_;
  const Scenario& scenario_;
  const Subject& subject_;
  ApiServers& api_;
  ApiConditions& conditions_;
  faults::HostFaults& hosts_;
  LogLines log_lines_;
  Scraper scraper_;
  std::vector<sim::Process*> controllers_;
  std::map<const sim::Process*, std::function<void()>> end_;     // how a life is asked to end; looked up only
  std::map<const sim::Process*, models::FileDeliveries> files_;  // looked up only
  std::vector<const sim::Process*> retired_;                     // replaced: not started again
};

/// The fact that a change in a process's life is.
models::ProcessEvent fact_of(sim::ProcessChange change, std::string_view detail);

}  // namespace racebed::experiments

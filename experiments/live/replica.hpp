// One controller of a live run: an operating-system process of its own, so that killing it is kill -9. The
// parent tells it everything on its standard input; what its local channels take comes back line by line on
// its standard output.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "experiments/scenario/scenario.hpp"
#include "models/ledger/fact.hpp"

namespace racebed::experiments {

struct ReplicaOptions {
  std::string process;  // "controller-0"
  std::uint32_t incarnation = 1;
  std::string subject;
  Scenario scenario;
  std::string api_url;
  std::string address;  // of its outgoing connections: how the world knows it
  std::string slack_webhook_url, slack_api_url, slack_host, slack_address, roots_pem, revocations_pem;
  std::string files_root;
};

/// The parent's side: what to write to the replica, and what one line of its says.
std::string replica_input(const ReplicaOptions& options);
/// The fact that a line reports (Delivered or Claimed). Throws std::runtime_error when it is none.
models::What fact_of_line(std::string_view line);

/// The replica's side: runs until its subject ends. Returns the exit status.
int run_replica(const std::string& input);

}  // namespace racebed::experiments

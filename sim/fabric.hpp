// The network and the disks of a run: hosts with names and addresses, listeners, connections, files.
// Processes see racebed::Network and racebed::Files; the weather is the LinkPolicy's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel.hpp"
#include "sim/link_policy.hpp"

namespace racebed::sim {

class Connection;
class HostFiles;
class PortListener;

class SimFabric final : public Fabric {
 public:
  /// `policy` must outlive the fabric; the fabric must outlive the kernel's processes.
  SimFabric(Kernel& kernel, LinkPolicy& policy);
  ~SimFabric() override;

  /// Another name for a host: what a lookup of "hooks.slack.example" finds. Every host's own name is known.
  void add_name(std::string name, std::string host);
  std::string_view host_of(const Address& address) const;
  Address address_of(std::string_view host);
  LinkPolicy& policy() { return policy_; }
  Kernel& kernel() { return kernel_; }

  std::unique_ptr<racebed::Network> network_of(Process& process) override;
  racebed::Files& files_of(Process& process) override;
  void process_died(Process& process, bool power_lost) override;

  // For the network and its listeners (network.cpp)
  // -------------------------------------------------------------------
  /// The host a name stands for; empty if there is none.
  std::string_view host_named(std::string_view name) const;
  PortListener* listener(std::string_view host, std::uint16_t port) const;
  void add_listener(std::string_view host, std::uint16_t port, PortListener* listener);
  void remove_listener(std::string_view host, std::uint16_t port);
  std::uint16_t free_port(std::string_view host) const;
  std::shared_ptr<Connection> connect(Process& client, PortListener& listener);

 private:
  Kernel& kernel_;
  LinkPolicy& policy_;
  std::map<std::string, std::string, std::less<>> names_;
  std::vector<std::string>
      hosts_;  // in the order in which they were first used: address 10.0.0.1, 10.0.0.2 ...
  std::map<std::pair<std::string, std::uint16_t>, PortListener*> listeners_;
  std::map<std::string, std::unique_ptr<HostFiles>, std::less<>> files_;
  std::uint64_t connections_ = 0;
};

}  // namespace racebed::sim

#include "sim/fabric.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/assert.hpp"
#include "sim/connection.hpp"
#include "sim/host_files.hpp"
#include "sim/network.hpp"

namespace racebed::sim {

SimFabric::SimFabric(Kernel& kernel, LinkPolicy& policy) : kernel_(kernel), policy_(policy) {}
SimFabric::~SimFabric() = default;

void SimFabric::add_name(std::string name, std::string host) {
  names_[std::move(name)] = std::move(host);
}

Address SimFabric::address_of(std::string_view host) {
  auto found = std::find(hosts_.begin(), hosts_.end(), host);
  if (found == hosts_.end()) found = hosts_.insert(hosts_.end(), std::string(host));
  const auto number = found - hosts_.begin() + 1;
  return {fmt::format("10.0.{}.{}", number / 250, number % 250)};
}

std::string_view SimFabric::host_of(const Address& address) const {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const std::size_t number = i + 1;
    if (address.text == fmt::format("10.0.{}.{}", number / 250, number % 250)) return hosts_[i];
  }
  return {};
}

std::string_view SimFabric::host_named(std::string_view name) const {
  if (const auto alias = names_.find(name); alias != names_.end()) return alias->second;
  for (const auto& process : kernel_.processes()) {
    if (process->host() == name) return process->host();
  }
  return {};
}

std::unique_ptr<racebed::Network> SimFabric::network_of(Process& process) {
  return sim::network_of(*this, process);
}

racebed::Files& SimFabric::files_of(Process& process) {
  auto& files = files_[std::string(process.host())];
  if (!files) files = std::make_unique<HostFiles>();
  return *files;
}

void SimFabric::process_died(Process& process, bool power_lost) {
  if (!power_lost) return;
  if (const auto files = files_.find(process.host()); files != files_.end()) files->second->lose_power();
}

PortListener* SimFabric::listener(std::string_view host, std::uint16_t port) const {
  const auto found = listeners_.find({std::string(host), port});
  return found == listeners_.end() ? nullptr : found->second;
}

void SimFabric::add_listener(std::string_view host, std::uint16_t port, PortListener* listener) {
  const bool added = listeners_.emplace(std::pair(std::string(host), port), listener).second;
  RACEBED_ASSERT(added, fmt::format("port {} of {} is free", port, host));
}

void SimFabric::remove_listener(std::string_view host, std::uint16_t port) {
  listeners_.erase({std::string(host), port});
}

std::uint16_t SimFabric::free_port(std::string_view host) const {
  std::uint16_t port = 32768;  // where Linux's ephemeral ports begin
  while (listener(host, port) != nullptr) ++port;
  return port;
}

std::shared_ptr<Connection> SimFabric::connect(Process& client, PortListener& listener) {
  auto connection = std::make_shared<Connection>(kernel_, policy_, ++connections_, client, listener.process(),
                                                 listener.port());
  kernel_.emit("connect", {{"connection", connection->number()},
                           {"client", client.name()},
                           {"server", listener.process().name()},
                           {"port", std::uint64_t{listener.port()}}});
  return connection;
}

}  // namespace racebed::sim

// How one process uses the fabric's network. Private to sim/.
#pragma once

#include <deque>
#include <memory>

#include "runtime/event.hpp"
#include "runtime/network.hpp"
#include "sim/fabric.hpp"

namespace racebed::sim {

/// What a listening port holds: connections that nobody has accepted yet.
class PortListener final : public OwnedByIncarnation {
 public:
  static constexpr std::size_t kBacklogMax = 128;
  PortListener(SimFabric& fabric, Process& process, std::uint16_t port);
  ~PortListener() override;
  PortListener(const PortListener&) = delete;
  PortListener& operator=(const PortListener&) = delete;

  Process& process() const { return process_; }
  std::uint16_t port() const { return port_; }
  bool full() const { return backlog_.size() >= kBacklogMax; }
  void arrived(std::unique_ptr<ByteStream> stream);
  asio::awaitable<Result<AnyStream>> accept();
  void close();
  void owner_died(bool silent) override;

 private:
  SimFabric& fabric_;
  Process& process_;
  Domain& domain_;
  std::uint16_t port_;
  bool open_ = true;
  std::deque<AnyStream> backlog_;
  Event changed_;
};

std::unique_ptr<racebed::Network> network_of(SimFabric& fabric, Process& process);

}  // namespace racebed::sim

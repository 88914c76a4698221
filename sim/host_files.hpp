// The disk of one host, in memory. What was written is there at once for every process of the host; what was
// not synced is gone with the power. Private to sim/.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/files.hpp"

namespace racebed::sim {

class HostFiles final : public racebed::Files {
 public:
  asio::awaitable<Result<std::string>> read(std::string path) override;
  asio::awaitable<Result<void>> write(std::string path, std::string content) override;
  asio::awaitable<Result<void>> append(std::string path, std::string content) override;
  asio::awaitable<Result<void>> rename(std::string from, std::string to) override;
  asio::awaitable<Result<void>> remove(std::string path) override;
  asio::awaitable<Result<void>> sync(std::string path) override;
  asio::awaitable<Result<std::vector<std::string>>> list(std::string prefix) override;

  void lose_power();

 private:
  using Content = std::map<std::string, std::string, std::less<>>;
  Content live_;
  Content durable_;  // as of each file's last sync
};

}  // namespace racebed::sim

// A host's files on a disk that may be full, broken or slow: asks the disk's policy, then does what the files
// below would do.
#pragma once

#include <string>
#include <vector>

#include "models/sinks/disk_policy.hpp"
#include "runtime/files.hpp"

namespace racebed::models {

class FailingFiles final : public Files {
 public:
  /// All outlive it.
  FailingFiles(Files& files, Clock& clock, DiskPolicy& policy, std::string process)
      : files_(files), clock_(clock), policy_(policy), process_(std::move(process)) {}

  asio::awaitable<Result<std::string>> read(std::string path) override;
  asio::awaitable<Result<void>> write(std::string path, std::string content) override;
  asio::awaitable<Result<void>> append(std::string path, std::string content) override;
  asio::awaitable<Result<void>> rename(std::string from, std::string to) override;
  asio::awaitable<Result<void>> remove(std::string path) override;
  asio::awaitable<Result<void>> sync(std::string path) override;
  asio::awaitable<Result<std::vector<std::string>>> list(std::string prefix) override;

 private:
  /// What the policy says, once the time that it takes is over.
  asio::awaitable<DiskVerdict> ask(DiskOperation operation);

  Files& files_;
  Clock& clock_;
  DiskPolicy& policy_;
  std::string process_;
};

}  // namespace racebed::models

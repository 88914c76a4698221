// A host's files, watched: a file that appears under a directory, whole and under its final name, is a
// delivery of the channel "file"; one that is no longer there when the host comes back has vanished.
// Everything else passes through.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/ledger/ledger.hpp"
#include "runtime/files.hpp"

namespace racebed::models {

/// What a host's disk was given as deliveries, by path; outlives the process that wrote them.
using FileDeliveries = std::map<std::string, std::shared_ptr<const std::string>>;

class RecordingFiles final : public Files {
 public:
  /// `files`, `ledger` and `given` outlive it; `directory` has no slash at its end. A rename into the
  /// directory, or a write there to a name that does not end in ".tmp", is recorded once it has succeeded.
  RecordingFiles(Files& files, Ledger& ledger, std::string directory, FileDeliveries& given,
                 std::function<Actor()> writer);
  /// Looks for everything that was given, and records what is no longer there as it was.
  asio::awaitable<void> look_again();

  asio::awaitable<Result<std::string>> read(std::string path) override;
  asio::awaitable<Result<void>> write(std::string path, std::string content) override;
  asio::awaitable<Result<void>> append(std::string path, std::string content) override;
  asio::awaitable<Result<void>> rename(std::string from, std::string to) override;
  asio::awaitable<Result<void>> remove(std::string path) override;
  asio::awaitable<Result<void>> sync(std::string path) override;
  asio::awaitable<Result<std::vector<std::string>>> list(std::string prefix) override;

 private:
  bool is_delivery(const std::string& path) const;
  void record(const std::string& path, const std::string& content);

  Files& files_;
  Ledger& ledger_;
  std::string directory_;
  FileDeliveries& given_;
  std::function<Actor()> writer_;
};

}  // namespace racebed::models

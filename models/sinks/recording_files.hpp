// A host's files, watched: a file that appears under a directory, whole and under its final name, is a
// delivery of the channel "file". Everything else passes through.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/ledger/ledger.hpp"
#include "runtime/files.hpp"

namespace racebed::models {

class RecordingFiles final : public Files {
 public:
  /// `files` and `ledger` outlive it; `directory` has no slash at its end. A rename into the directory, or a
  /// write there to a name that does not end in ".tmp", is recorded once it has succeeded.
  RecordingFiles(Files& files, Ledger& ledger, std::string directory, std::function<Actor()> writer);

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
  std::function<Actor()> writer_;
};

}  // namespace racebed::models

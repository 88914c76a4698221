// The files of one host: what survives a restart of a process. Paths are absolute, with '/' between parts;
// folders come into being with the files in them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "runtime/result.hpp"

namespace racebed {

namespace asio = boost::asio;

class Files {
 public:
  virtual ~Files() = default;
  /// Errors of every call: no_such_file_or_directory, no_space_on_device, io_error, permission_denied.
  virtual asio::awaitable<Result<std::string>> read(std::string path) = 0;
  /// Replaces the whole content. Lost with the host's power unless synced (loss of power, not of the
  /// process).
  virtual asio::awaitable<Result<void>> write(std::string path, std::string content) = 0;
  virtual asio::awaitable<Result<void>> append(std::string path, std::string content) = 0;
  /// Atomic; replaces the target. Both names are on one host.
  virtual asio::awaitable<Result<void>> rename(std::string from, std::string to) = 0;
  virtual asio::awaitable<Result<void>> remove(std::string path) = 0;
  /// After it the file's content and name survive the loss of the host's power.
  virtual asio::awaitable<Result<void>> sync(std::string path) = 0;
  /// Paths that begin with `prefix`, sorted.
  virtual asio::awaitable<Result<std::vector<std::string>>> list(std::string prefix) = 0;
};

}  // namespace racebed

#include "sim/host_files.hpp"

#include <boost/system/errc.hpp>

namespace racebed::sim {
namespace {
ErrorCode no_such_file() {
  return make_error_code(boost::system::errc::no_such_file_or_directory);
}
}  // namespace

asio::awaitable<Result<std::string>> HostFiles::read(std::string path) {
  const auto found = live_.find(path);
  if (found == live_.end()) co_return no_such_file();
  co_return found->second;
}

asio::awaitable<Result<void>> HostFiles::write(std::string path, std::string content) {
  live_[std::move(path)] = std::move(content);
  co_return Result<void>();
}

asio::awaitable<Result<void>> HostFiles::append(std::string path, std::string content) {
  live_[std::move(path)] += content;
  co_return Result<void>();
}

asio::awaitable<Result<void>> HostFiles::rename(std::string from, std::string to) {
  const auto found = live_.find(from);
  if (found == live_.end()) co_return no_such_file();
  std::string content = std::move(found->second);
  live_.erase(found);
  live_[to] = std::move(content);
  // A journalling file system keeps the rename of a synced file (ext4, data=ordered).
  if (const auto durable = durable_.find(from); durable != durable_.end()) {
    std::string synced = std::move(durable->second);
    durable_.erase(durable);
    durable_[std::move(to)] = std::move(synced);
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> HostFiles::remove(std::string path) {
  durable_.erase(path);
  if (live_.erase(path) == 0) co_return no_such_file();
  co_return Result<void>();
}

asio::awaitable<Result<void>> HostFiles::sync(std::string path) {
  const auto found = live_.find(path);
  if (found == live_.end()) co_return no_such_file();
  durable_[std::move(path)] = found->second;
  co_return Result<void>();
}

asio::awaitable<Result<std::vector<std::string>>> HostFiles::list(std::string prefix) {
  std::vector<std::string> paths;
  for (auto it = live_.lower_bound(prefix); it != live_.end() && it->first.starts_with(prefix); ++it) {
    paths.push_back(it->first);
  }
  co_return std::move(paths);
}

void HostFiles::lose_power() {
  live_ = durable_;
}

}  // namespace racebed::sim

#include "models/sinks/recording_files.hpp"

#include <utility>

#include "models/sinks/token.hpp"

namespace racebed::models {

RecordingFiles::RecordingFiles(Files& files, Ledger& ledger, std::string directory, FileDeliveries& given,
                               std::function<Actor()> writer)
    : files_(files),
      ledger_(ledger),
      directory_(std::move(directory) + "/"),
      given_(given),
      writer_(std::move(writer)) {}

asio::awaitable<void> RecordingFiles::look_again() {
  for (auto entry = given_.begin(); entry != given_.end();) {
    std::string path = entry->first;
    const Result<std::string> now = co_await files_.read(std::move(path));
    if (now && *now == *entry->second) {
      ++entry;
      continue;
    }
    ledger_.record(writer_(), Vanished{"file", token_in(*entry->second), entry->first});
    entry = given_.erase(entry);
  }
}

bool RecordingFiles::is_delivery(const std::string& path) const {
  return path.starts_with(directory_) && !path.ends_with(".tmp");
}

void RecordingFiles::record(const std::string& path, const std::string& content) {
  Delivered delivered;
  delivered.channel = "file";
  delivered.token = token_in(content);
  delivered.message = path;
  delivered.content = std::make_shared<const std::string>(content);
  given_[path] = delivered.content;
  ledger_.record(writer_(), std::move(delivered));
}

asio::awaitable<Result<std::string>> RecordingFiles::read(std::string path) {
  return files_.read(std::move(path));
}

asio::awaitable<Result<void>> RecordingFiles::write(std::string path, std::string content) {
  if (!is_delivery(path)) co_return co_await files_.write(std::move(path), std::move(content));
  const Result<void> written = co_await files_.write(path, content);
  if (written) record(path, content);
  co_return written;
}

asio::awaitable<Result<void>> RecordingFiles::append(std::string path, std::string content) {
  return files_.append(std::move(path), std::move(content));
}

asio::awaitable<Result<void>> RecordingFiles::rename(std::string from, std::string to) {
  if (!is_delivery(to)) co_return co_await files_.rename(std::move(from), std::move(to));
  const Result<std::string> content = co_await files_.read(from);
  const Result<void> renamed = co_await files_.rename(from, to);
  if (renamed) record(to, content ? *content : std::string());
  co_return renamed;
}

asio::awaitable<Result<void>> RecordingFiles::remove(std::string path) {
  return files_.remove(std::move(path));
}

asio::awaitable<Result<void>> RecordingFiles::sync(std::string path) {
  return files_.sync(std::move(path));
}

asio::awaitable<Result<std::vector<std::string>>> RecordingFiles::list(std::string prefix) {
  return files_.list(std::move(prefix));
}

}  // namespace racebed::models

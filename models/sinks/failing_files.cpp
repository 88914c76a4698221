#include "models/sinks/failing_files.hpp"

#include <utility>

namespace racebed::models {

asio::awaitable<DiskVerdict> FailingFiles::ask(DiskOperation operation) {
  const DiskVerdict verdict = policy_.disk(process_, operation);
  if (verdict.takes > Duration{0}) co_await clock_.sleep_for(verdict.takes);
  co_return verdict;
}

asio::awaitable<Result<std::string>> FailingFiles::read(std::string path) {
  const DiskVerdict verdict = co_await ask(DiskOperation::read);
  if (verdict.error) co_return verdict.error;
  co_return co_await files_.read(std::move(path));
}

asio::awaitable<Result<void>> FailingFiles::write(std::string path, std::string content) {
  const DiskVerdict verdict = co_await ask(DiskOperation::write);
  if (!verdict.error) co_return co_await files_.write(std::move(path), std::move(content));
  if (verdict.leaves_a_part) {
    content.resize(content.size() / 2);
    (void)co_await files_.write(std::move(path), std::move(content));
  }
  co_return verdict.error;
}

asio::awaitable<Result<void>> FailingFiles::append(std::string path, std::string content) {
  const DiskVerdict verdict = co_await ask(DiskOperation::write);
  if (verdict.error) co_return verdict.error;
  co_return co_await files_.append(std::move(path), std::move(content));
}

asio::awaitable<Result<void>> FailingFiles::rename(std::string from, std::string to) {
  const DiskVerdict verdict = co_await ask(DiskOperation::rename);
  if (verdict.error) co_return verdict.error;
  co_return co_await files_.rename(std::move(from), std::move(to));
}

asio::awaitable<Result<void>> FailingFiles::remove(std::string path) {
  return files_.remove(std::move(path));
}

asio::awaitable<Result<void>> FailingFiles::sync(std::string path) {
  const DiskVerdict verdict = co_await ask(DiskOperation::sync);
  if (verdict.error) co_return verdict.error;
  co_return co_await files_.sync(std::move(path));
}

asio::awaitable<Result<std::vector<std::string>>> FailingFiles::list(std::string prefix) {
  return files_.list(std::move(prefix));
}

}  // namespace racebed::models

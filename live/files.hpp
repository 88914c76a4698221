// The file system behind runtime/'s Files. Small files, read and written at once. Private to live/.
#pragma once

#include <filesystem>

#include "runtime/files.hpp"

namespace racebed::live {

class SystemFiles final : public Files {
 public:
  /// Paths are taken below `root`.
  explicit SystemFiles(std::filesystem::path root) : root_(std::move(root)) {}
  asio::awaitable<Result<std::string>> read(std::string path) override;
  asio::awaitable<Result<void>> write(std::string path, std::string content) override;
  asio::awaitable<Result<void>> append(std::string path, std::string content) override;
  asio::awaitable<Result<void>> rename(std::string from, std::string to) override;
  asio::awaitable<Result<void>> remove(std::string path) override;
  asio::awaitable<Result<void>> sync(std::string path) override;
  asio::awaitable<Result<std::vector<std::string>>> list(std::string prefix) override;

 private:
  std::filesystem::path below_root(const std::string& path) const;
  Result<void> put(const std::string& path, const std::string& content, int flags) const;
  std::filesystem::path root_;
};

}  // namespace racebed::live

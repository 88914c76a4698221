#include "live/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace racebed::live {
namespace {

ErrorCode last_error() {
  return {errno, boost::system::system_category()};
}

/// An open file, closed at the end of the scope.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::filesystem::path SystemFiles::below_root(const std::string& path) const {
  return root_ / std::filesystem::path(path).relative_path();
}

asio::awaitable<Result<std::string>> SystemFiles::read(std::string path) {
  const Descriptor file(below_root(path), O_RDONLY);
  if (!file) co_return last_error();
  std::string content;
  std::array<char, 16 * 1024> piece{};
  for (;;) {
    const ssize_t bytes = ::read(file.get(), piece.data(), piece.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) co_return last_error();
    if (bytes == 0) co_return std::move(content);
    content.append(piece.data(), static_cast<std::size_t>(bytes));
  }
}

Result<void> SystemFiles::put(const std::string& path, const std::string& content, int flags) const {
  const std::filesystem::path target = below_root(path);
  std::error_code ignored;  // opening it says what is wrong
  std::filesystem::create_directories(target.parent_path(), ignored);
  const Descriptor file(target, O_WRONLY | O_CREAT | flags);
  if (!file) return last_error();
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t bytes = ::write(file.get(), content.data() + at, content.size() - at);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return last_error();
    at += static_cast<std::size_t>(bytes);
  }
  return {};
}

asio::awaitable<Result<void>> SystemFiles::write(std::string path, std::string content) {
  co_return put(path, content, O_TRUNC);
}

asio::awaitable<Result<void>> SystemFiles::append(std::string path, std::string content) {
  co_return put(path, content, O_APPEND);
}

asio::awaitable<Result<void>> SystemFiles::rename(std::string from, std::string to) {
  if (::rename(below_root(from).c_str(), below_root(to).c_str()) != 0) co_return last_error();
  co_return Result<void>();
}

asio::awaitable<Result<void>> SystemFiles::remove(std::string path) {
  if (::unlink(below_root(path).c_str()) != 0) co_return last_error();
  co_return Result<void>();
}

asio::awaitable<Result<void>> SystemFiles::sync(std::string path) {
  const std::filesystem::path target = below_root(path);
  const Descriptor file(target, O_RDONLY);
  if (!file || ::fsync(file.get()) != 0) co_return last_error();
  const Descriptor folder(target.parent_path(), O_RDONLY | O_DIRECTORY);  // its name in the folder, too
  if (!folder || ::fsync(folder.get()) != 0) co_return last_error();
  co_return Result<void>();
}

asio::awaitable<Result<std::vector<std::string>>> SystemFiles::list(std::string prefix) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code error;
  const fs::path folder = below_root(prefix.substr(0, prefix.rfind('/') + 1));
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    std::string path = "/" + it->path().lexically_relative(root_).string();
    if (path.starts_with(prefix)) paths.push_back(std::move(path));
  }
  std::ranges::sort(paths);
  co_return std::move(paths);
}

}  // namespace racebed::live

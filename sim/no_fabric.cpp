#include "sim/no_fabric.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>

namespace racebed::sim {
namespace {

ErrorCode no_file() {
  return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
}

class NoNetwork final : public racebed::Network {
 public:
  asio::awaitable<Result<std::vector<Address>>> resolve(std::string) override {
    co_return ErrorCode(asio::error::network_down);
  }
  asio::awaitable<Result<AnyStream>> connect(Address, std::uint16_t) override {
    co_return ErrorCode(asio::error::network_down);
  }
  Result<std::unique_ptr<Listener>> listen(std::uint16_t) override {
    return ErrorCode(asio::error::network_down);
  }
};

class NoFiles final : public racebed::Files {
 public:
  asio::awaitable<Result<std::string>> read(std::string) override { co_return no_file(); }
  asio::awaitable<Result<void>> write(std::string, std::string) override { co_return no_file(); }
  asio::awaitable<Result<void>> append(std::string, std::string) override { co_return no_file(); }
  asio::awaitable<Result<void>> rename(std::string, std::string) override { co_return no_file(); }
  asio::awaitable<Result<void>> remove(std::string) override { co_return no_file(); }
  asio::awaitable<Result<void>> sync(std::string) override { co_return no_file(); }
  asio::awaitable<Result<std::vector<std::string>>> list(std::string) override {
    co_return std::vector<std::string>();
  }
};

}  // namespace

std::unique_ptr<racebed::Network> no_network() {
  return std::make_unique<NoNetwork>();
}

racebed::Files& no_files() {
  static NoFiles files;  // has no state
  return files;
}

}  // namespace racebed::sim

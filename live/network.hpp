// TCP sockets behind runtime/'s Network. Private to live/.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>

#include "runtime/network.hpp"

namespace racebed::live {

struct NetworkOptions {
  std::string bind_address = "127.0.0.1";  // what listen() binds
  std::string source_address{};            // what connect() binds; empty: the system's choice
  /// Names that resolve without asking anybody, as in a hosts file.
  std::map<std::string, std::string> hosts{};
};

class SystemNetwork final : public Network {
 public:
  SystemNetwork(asio::io_context& context, NetworkOptions options)
      : context_(context), options_(std::move(options)) {}
  asio::awaitable<Result<std::vector<Address>>> resolve(std::string host) override;
  asio::awaitable<Result<AnyStream>> connect(Address address, std::uint16_t port) override;
  Result<std::unique_ptr<Listener>> listen(std::uint16_t port) override;

 private:
  asio::io_context& context_;
  NetworkOptions options_;
};

}  // namespace racebed::live

#include "live/network.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "live/tcp_stream.hpp"

namespace racebed::live {
namespace {

using asio::ip::tcp;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

class TcpListener final : public Listener {
 public:
  explicit TcpListener(tcp::acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  asio::awaitable<Result<AnyStream>> accept() override {
    for (;;) {
      tcp::socket socket(acceptor_.get_executor());
      auto [error] = co_await acceptor_.async_accept(socket, kTuple);
      if (!error) co_return tcp_stream(std::move(socket));
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) {
        co_return ErrorCode(asio::error::operation_aborted);
      }
      // The peer left again, or descriptors have run out: the next one may do better, a little later.
      asio::steady_timer pause(acceptor_.get_executor(), std::chrono::milliseconds{20});
      auto [ended] = co_await pause.async_wait(kTuple);
      if (ended) co_return ended;
    }
  }
  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }
  void close() override {
    ErrorCode ignored;
    acceptor_.close(ignored);
  }

 private:
  tcp::acceptor acceptor_;
};

}  // namespace

asio::awaitable<Result<std::vector<Address>>> SystemNetwork::resolve(std::string host) {
  std::vector<Address> addresses;
  if (const auto known = options_.hosts.find(host); known != options_.hosts.end()) {
    addresses.push_back({known->second});
    co_return std::move(addresses);
  }
  ErrorCode not_numeric;
  if (const auto address = asio::ip::make_address(host, not_numeric); !not_numeric) {
    addresses.push_back({address.to_string()});
    co_return std::move(addresses);
  }
  tcp::resolver resolver(context_);
  auto [error, results] = co_await resolver.async_resolve(host, "", kTuple);
  if (error) co_return error;
  for (const auto& entry : results) addresses.push_back({entry.endpoint().address().to_string()});
  co_return std::move(addresses);
}

asio::awaitable<Result<AnyStream>> SystemNetwork::connect(Address address, std::uint16_t port) {
  ErrorCode error;
  const auto numeric = asio::ip::make_address(address.text, error);
  if (error) co_return error;
  tcp::socket socket(context_);
  if (!options_.source_address.empty()) {
    const tcp::endpoint source(asio::ip::make_address(options_.source_address, error), 0);
    if (!error) socket.open(source.protocol(), error);
    if (!error) socket.bind(source, error);
    if (error) co_return error;
  }
  auto [failed] = co_await socket.async_connect({numeric, port}, kTuple);
  if (failed) co_return failed;
  co_return tcp_stream(std::move(socket));
}

Result<std::unique_ptr<Listener>> SystemNetwork::listen(std::uint16_t port) {
  ErrorCode error;
  const tcp::endpoint endpoint(asio::ip::make_address(options_.bind_address, error), port);
  if (error) return error;
  tcp::acceptor acceptor(context_);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return error;
  std::unique_ptr<Listener> listener = std::make_unique<TcpListener>(std::move(acceptor));
  return listener;
}

}  // namespace racebed::live

#include "tests/e2e/raw_client.hpp"

#include <poll.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace racebed::tests {

namespace asio = boost::asio;
using asio::ip::tcp;

RawClient::RawClient(const std::string& base) : socket_(context_) {
  const std::string authority = base.substr(base.find("//") + 2);
  const std::size_t colon = authority.rfind(':');
  socket_.connect(tcp::endpoint(asio::ip::make_address(authority.substr(0, colon)),
                                static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1)))));
}

bool RawClient::send(const std::string& bytes) {
  boost::system::error_code error;
  asio::write(socket_, asio::buffer(bytes), error);
  return !error;
}

bool RawClient::read_some(Bound bound) {
  if (closed_) return false;
  pollfd waiting{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(bound.count(), 0))) <= 0) return false;
  std::array<char, 65536> bytes{};
  boost::system::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
  received_.append(bytes.data(), size);
  closed_ = static_cast<bool>(error);
  return !closed_;
}

const std::string& RawClient::read_until(const std::string& text, Bound bound) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (received_.find(text) == std::string::npos &&
         read_some(std::chrono::duration_cast<Bound>(end - std::chrono::steady_clock::now()))) {
  }
  return received_;
}

bool RawClient::closed_within(Bound bound) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (read_some(std::chrono::duration_cast<Bound>(end - std::chrono::steady_clock::now()))) {
  }
  return closed_;
}

}  // namespace racebed::tests

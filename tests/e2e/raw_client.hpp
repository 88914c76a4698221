// A client that speaks bytes, right or wrong, and sees what comes back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "tests/support/process.hpp"

namespace racebed::tests {

class RawClient {
 public:
  /// Connects to "http://127.0.0.1:8080". Throws when nobody listens.
  explicit RawClient(const std::string& base);

  /// False when the server closed before it took everything.
  bool send(const std::string& bytes);
  /// Reads until `text` has come, the server closes, or `bound` is over; returns all that came so far.
  const std::string& read_until(const std::string& text, Bound bound);
  /// Reads until the server closes; false when it does not within `bound`.
  bool closed_within(Bound bound);
  const std::string& received() const { return received_; }

 private:
  bool read_some(Bound bound);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace racebed::tests

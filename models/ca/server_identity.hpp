// What a TLS server is configured with. Private to models/: the one header that shows OpenSSL's context.
#pragma once

#include <boost/asio/ssl/context.hpp>

namespace racebed::models {

class ServerIdentity {
 public:
  ServerIdentity() : context_(boost::asio::ssl::context::tls_server) {}
  /// Shared by every connection of every run; OpenSSL only counts references on it.
  boost::asio::ssl::context& context() const { return context_; }

 private:
  mutable boost::asio::ssl::context context_;
};

}  // namespace racebed::models

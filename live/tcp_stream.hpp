// One TCP connection as a ByteStream. Private to live/.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "runtime/byte_stream.hpp"

namespace racebed::live {

/// Takes a connected socket over.
AnyStream tcp_stream(asio::ip::tcp::socket socket);

}  // namespace racebed::live

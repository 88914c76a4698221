#include "models/http/stopping_stream.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

using StopAt = TlsVerdict::StopAt;
using StopHow = TlsVerdict::StopHow;

/// How much of a flight goes out: of its first record (RFC 8446 §5.1: five bytes, the last two its length),
/// of half of it, of all.
std::size_t share_of(asio::const_buffer flight, StopAt at) {
  constexpr std::size_t kHeaderBytes = 5;
  if (at == StopAt::flight) return flight.size();
  if (at == StopAt::certificate) return flight.size() / 2;
  RACEBED_ASSERT(flight.size() >= kHeaderBytes, "a flight begins with a record");
  const auto* bytes = static_cast<const unsigned char*>(flight.data());
  return std::min(flight.size(), kHeaderBytes + bytes[3] * std::size_t{256} + bytes[4]);
}

/// Throws away what comes; `handler` hears of the end only.
void read_nothing(std::weak_ptr<AnyStream> stream, std::shared_ptr<std::array<char, 256>> ignored,
                  ByteStream::Handler handler) {
  const std::shared_ptr<AnyStream> alive = stream.lock();
  if (alive == nullptr) return std::move(handler)(asio::error::operation_aborted, 0);
  const auto slot = asio::get_associated_cancellation_slot(handler);
  const auto executor = asio::get_associated_executor(handler, alive->get_executor());
  auto again = [stream, ignored, handler = std::move(handler)](ErrorCode error, std::size_t) mutable {
    if (error) return std::move(handler)(error, 0);
    read_nothing(stream, ignored, std::move(handler));
  };
  alive->async_read_some(asio::buffer(*ignored),
                         asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(again))));
}

class StoppingStream final : public ByteStream {
 public:
  StoppingStream(AnyStream lower, StopAt at, StopHow how)
      : lower_(std::make_shared<AnyStream>(std::move(lower))), at_(at), how_(how) {}
  asio::any_io_executor get_executor() override { return lower_->get_executor(); }

  void async_read(asio::mutable_buffer buffer, Handler handler) override {
    const bool over = left_ != nullptr && *left_ == 0;
    if (over && how_ == StopHow::silence)
      return read_nothing(lower_, std::make_shared<std::array<char, 256>>(), std::move(handler));
    if (over) lower_->close(how_ == StopHow::close ? CloseKind::graceful : CloseKind::abort);
    lower_->async_read_some(buffer, std::move(handler));
  }

  void async_write(asio::const_buffer buffer, Handler handler) override {
    if (left_ == nullptr) left_ = std::make_shared<std::size_t>(share_of(buffer, at_));
    // Once nothing is left, a write of nothing: it completes like any other.
    const asio::const_buffer part(buffer.data(), std::min(*left_, buffer.size()));
    const auto slot = asio::get_associated_cancellation_slot(handler);
    const auto executor = asio::get_associated_executor(handler, get_executor());
    auto taken = [left = left_, all = buffer.size(), handler = std::move(handler)](
                     ErrorCode error, std::size_t bytes) mutable {
      *left -= bytes;
      // The owner is told of the whole: what is beyond the stop is thrown away.
      std::move(handler)(error, error ? 0 : *left == 0 ? all : bytes);
    };
    lower_->async_write_some(
        part, asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(taken))));
  }

  void close(CloseKind kind) override { lower_->close(kind); }
  std::string peer() const override { return lower_->peer(); }

 private:
  std::shared_ptr<AnyStream> lower_;  // shared with nobody but weakly with a pending read
  StopAt at_;
  StopHow how_;
  std::shared_ptr<std::size_t> left_;  // of the flight, once it has begun; outlives a pending write
};

}  // namespace

bool presents_chain(const TlsVerdict& verdict) {
  const bool shakes_hands = verdict.server == TlsVerdict::Server::usual ||
                            verdict.server == TlsVerdict::Server::demands_client_certificate;
  return shakes_hands && (verdict.stop_at == StopAt::nowhere || verdict.stop_at >= StopAt::flight);
}

AnyStream stopping_stream(AnyStream lower, StopAt at, StopHow how) {
  return AnyStream(std::make_unique<StoppingStream>(std::move(lower), at, how));
}

asio::awaitable<void> stop(AnyStream& stream, StopHow how) {
  if (how == StopHow::close) stream.close(CloseKind::graceful);
  if (how == StopHow::reset) stream.close(CloseKind::abort);
  std::array<char, 256> ignored{};
  while (how == StopHow::silence) {
    const auto [error, bytes] =
        co_await stream.async_read_some(asio::buffer(ignored), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
  }
}

}  // namespace racebed::models

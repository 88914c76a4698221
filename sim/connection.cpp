#include "sim/connection.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <cstring>
#include <utility>

#include "runtime/assert.hpp"
#include "sim/completion.hpp"

namespace racebed::sim {

void StreamOperation::perform(Operation* base, Outcome outcome) {
  auto* self = static_cast<StreamOperation*>(base);
  Domain& domain = *self->owner;
  ByteStream::Handler handler = std::move(self->handler);
  const ErrorCode error = self->error;
  const std::size_t bytes = self->bytes;
  Recycled<StreamOperation>::free(self);
  if (outcome == Outcome::destroy) return;
  if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
  complete(domain, std::move(handler), error, bytes);
}

/// Ends a pending operation when its handler's slot is signalled.
struct Connection::Canceller {
  Canceller(std::weak_ptr<Connection> c, Side s, StreamOperation* o)
      : connection(std::move(c)), side(s), op(o) {}
  void operator()(asio::cancellation_type type) const {
    const auto alive = connection.lock();
    if (type == asio::cancellation_type::none || alive == nullptr) return;
    End& end = alive->end(side);
    if (end.reader == op) alive->finish(side, end.reader, asio::error::operation_aborted, 0);
    if (end.writer == op) alive->finish(side, end.writer, asio::error::operation_aborted, 0);
  }
  std::weak_ptr<Connection> connection;
  Side side;
  StreamOperation* op;
};

Connection::Connection(Kernel& kernel, LinkPolicy& policy, std::uint64_t number, Process& client,
                       Process& server, std::uint16_t port)
    : kernel_(kernel), policy_(policy), number_(number), port_(port) {
  end(Side::client).process = &client;
  end(Side::client).domain = &client.domain();
  end(Side::server).process = &server;
  end(Side::server).domain = &server.domain();
}

StreamOperation* Connection::begin(Side side, ByteStream::Handler handler) {
  StreamOperation* op = Recycled<StreamOperation>::make(std::move(handler));
  op->owner = end(side).domain;
  op->task = kernel_.current_task();
  if (auto slot = asio::get_associated_cancellation_slot(op->handler); slot.is_connected()) {
    slot.emplace<Canceller>(weak_from_this(), side, op);
  }
  return op;
}

void Connection::finish(Side side, StreamOperation*& slot, ErrorCode error, std::size_t bytes) {
  StreamOperation* op = std::exchange(slot, nullptr);
  op->error = error;
  op->bytes = bytes;
  kernel_.make_ready(*end(side).domain, op);
}

Link Connection::link(Side from) const {
  return {process(from).host(), process(other(from)).host(), port_, number_};
}

/// How many of `bytes` from a side one call moves: all of them, mostly; now and then a part, as real sockets
/// do; never more than the weather lets through.
std::size_t Connection::portion(Side from, std::size_t bytes, Site site) {
  constexpr std::uint64_t kOneIn = 16;
  const std::size_t bytes_max = policy_.bytes_max(link(from));
  RACEBED_ASSERT(bytes_max > 0, "a read or a write passes at least one byte");
  bytes = std::min(bytes, bytes_max);
  if (bytes < 2 || kernel_.choices().pick(kOneIn, site) != kOneIn - 1) return bytes;
  return 1 + static_cast<std::size_t>(kernel_.choices().pick(bytes - 1, site));
}

void Connection::read(Side side, asio::mutable_buffer buffer, ByteStream::Handler handler) {
  End& me = end(side);
  RACEBED_ASSERT(me.reader == nullptr, "one read at a time is pending on a stream");
  me.reader = begin(side, std::move(handler));
  me.read_buffer = buffer;
  try_read(side);
}

void Connection::write(Side side, asio::const_buffer buffer, ByteStream::Handler handler) {
  End& me = end(side);
  RACEBED_ASSERT(me.writer == nullptr, "one write at a time is pending on a stream");
  me.writer = begin(side, std::move(handler));
  me.write_buffer = buffer;
  try_write(side);
}

void Connection::try_read(Side side) {
  End& me = end(side);
  if (me.reader == nullptr) return;
  if (me.closed) return finish(side, me.reader, asio::error::bad_descriptor, 0);
  if (me.reset) return finish(side, me.reader, asio::error::connection_reset, 0);
  if (me.read_buffer.size() == 0) return finish(side, me.reader, {}, 0);
  if (me.inbox.empty()) {
    if (me.eof) finish(side, me.reader, asio::error::eof, 0);
    return;
  }
  std::string& chunk = me.inbox.front();
  const std::size_t available = std::min(chunk.size() - me.inbox_offset, me.read_buffer.size());
  const std::size_t taken = portion(other(side), available, "partial-read");
  std::memcpy(me.read_buffer.data(), chunk.data() + me.inbox_offset, taken);
  me.inbox_offset += taken;
  if (me.inbox_offset == chunk.size()) {
    me.inbox.pop_front();
    me.inbox_offset = 0;
  }
  me.unread -= taken;
  finish(side, me.reader, {}, taken);
  try_write(other(side));  // the window has opened
}

void Connection::try_write(Side side) {
  End& me = end(side);
  if (me.writer == nullptr) return;
  if (me.closed) return finish(side, me.writer, asio::error::bad_descriptor, 0);
  if (me.reset) return finish(side, me.writer, asio::error::connection_reset, 0);
  if (me.write_buffer.size() == 0) return finish(side, me.writer, {}, 0);
  End& peer = end(other(side));
  const std::size_t room = kWindowBytes - peer.unread;
  if (room == 0) return;
  const std::size_t taken = portion(side, std::min(room, me.write_buffer.size()), "partial-write");
  peer.unread += taken;
  std::string data(static_cast<const char*>(me.write_buffer.data()), taken);
  kernel_.trace().wire(number_ * 2 + index(side), data);
  finish(side, me.writer, {}, taken);
  send(side, Flag::data, std::move(data));
}

void Connection::send(Side from, Flag flag, std::string data) {
  const Side to = other(from);
  End& target = end(to);
  if (target.unreachable) return;
  const SegmentVerdict verdict = policy_.segment(link(from), data.size());
  if (verdict.outcome == SegmentVerdict::Outcome::silence) {
    target.unreachable = true;
    return;
  }
  if (verdict.outcome == SegmentVerdict::Outcome::reset) {
    flag = Flag::rst;
    kernel_.call_at(kernel_.world(), kernel_.now(),
                    [self = shared_from_this(), from] { self->on_reset(from); });
  }
  // Strictly later than the one before: what is ready at the same moment may run in any order.
  target.last_arrival = std::max(target.last_arrival + Duration{1}, kernel_.now() + verdict.latency);
  kernel_.call_at(kernel_.world(), target.last_arrival,
                  [self = shared_from_this(), to, flag, d = std::move(data)]() mutable {
                    self->arrive(to, flag, std::move(d));
                  });
}

void Connection::arrive(Side to, Flag flag, std::string data) {
  End& me = end(to);
  if (flag == Flag::rst) return on_reset(to);
  if (me.domain->dead || me.reset) return;
  if (flag == Flag::fin) {
    me.eof = true;
  } else if (me.closed) {
    send(to, Flag::rst, {});  // nobody will read it (RFC 9293 §3.10.7.1)
    return;
  } else {
    me.inbox.push_back(std::move(data));
  }
  try_read(to);
}

void Connection::on_reset(Side side) {
  End& me = end(side);
  if (me.reset || me.closed) return;
  me.reset = true;
  me.inbox.clear();
  me.inbox_offset = 0;
  try_read(side);
  try_write(side);
}

void Connection::close(Side side, CloseKind kind, bool silent) {
  End& me = end(side);
  if (me.closed) return;
  me.closed = true;
  me.process->count_sockets(-1);
  kernel_.emit("close", {{"connection", number_},
                         {"side", side == Side::client ? "client" : "server"},
                         {"kind", kind == CloseKind::graceful ? "graceful" : "abort"}});
  const bool unread_data = !me.inbox.empty();
  me.inbox.clear();
  me.inbox_offset = 0;
  for (StreamOperation** slot : {&me.reader, &me.writer}) {
    if (*slot == nullptr) continue;
    if (me.domain->dead) {
      me.domain->frozen.push_back(
          std::exchange(*slot, nullptr));  // freed with the rest of the dead, in their order
    } else {
      finish(side, *slot, asio::error::operation_aborted, 0);
    }
  }
  if (silent || me.reset) return;
  // Closing with data unread tells the peer so with a reset (RFC 9293 §3.10.4, as Linux does it).
  send(side, kind == CloseKind::abort || unread_data ? Flag::rst : Flag::fin, {});
}

namespace {

class StreamEnd final : public ByteStream, public OwnedByIncarnation {
 public:
  StreamEnd(std::shared_ptr<Connection> connection, Connection::Side side)
      : connection_(std::move(connection)),
        side_(side),
        process_(connection_->process(side)),
        domain_(process_.domain()) {
    process_.own(*this);
    process_.count_sockets(+1);
  }
  StreamEnd(const StreamEnd&) = delete;
  StreamEnd& operator=(const StreamEnd&) = delete;
  ~StreamEnd() override {
    if (process_.disown(*this)) connection_->close(side_, CloseKind::abort, domain_.power_lost);
  }
  asio::any_io_executor get_executor() override { return Executor(domain_); }
  void async_read(asio::mutable_buffer buffer, Handler handler) override {
    if (!domain_.dead) connection_->read(side_, buffer, std::move(handler));
  }
  void async_write(asio::const_buffer buffer, Handler handler) override {
    if (!domain_.dead) connection_->write(side_, buffer, std::move(handler));
  }
  void close(CloseKind kind) override {
    if (!domain_.dead) connection_->close(side_, kind);
  }
  std::string peer() const override {
    const auto other =
        side_ == Connection::Side::client ? Connection::Side::server : Connection::Side::client;
    return fmt::format("{}:{}", connection_->process(other).host(), connection_->port());
  }
  void owner_died(bool silent) override { connection_->close(side_, CloseKind::abort, silent); }

 private:
  std::shared_ptr<Connection> connection_;
  Connection::Side side_;
  Process& process_;
  Domain& domain_;
};

}  // namespace

std::unique_ptr<ByteStream> stream_end(std::shared_ptr<Connection> connection, Connection::Side side) {
  return std::make_unique<StreamEnd>(std::move(connection), side);
}

}  // namespace racebed::sim

#include "sim/network.hpp"

#include <boost/asio/error.hpp>

#include "sim/connection.hpp"

namespace racebed::sim {

PortListener::PortListener(SimFabric& fabric, Process& process, std::uint16_t port)
    : fabric_(fabric),
      process_(process),
      domain_(process.domain()),
      port_(port),
      changed_(process.runtime().clock) {
  process_.own(*this);
  process_.count_sockets(+1);
  fabric_.add_listener(process_.host(), port_, this);
}

PortListener::~PortListener() {
  if (process_.disown(*this)) close();
}

void PortListener::close() {
  if (!open_) return;
  open_ = false;
  process_.count_sockets(-1);
  fabric_.remove_listener(process_.host(), port_);
  backlog_.clear();
  if (!domain_.dead) changed_.notify_all();
}

void PortListener::owner_died(bool) {
  close();
}

void PortListener::arrived(std::unique_ptr<ByteStream> stream) {
  backlog_.emplace_back(std::move(stream));
  changed_.notify_one();
}

asio::awaitable<Result<AnyStream>> PortListener::accept() {
  while (open_ && backlog_.empty()) co_await changed_.wait();
  if (!open_) co_return ErrorCode(asio::error::operation_aborted);
  AnyStream stream = std::move(backlog_.front());
  backlog_.pop_front();
  co_return std::move(stream);
}

namespace {

/// An attempt to connect, shared by the client that waits and the segments on their way.
struct Attempt {
  explicit Attempt(Clock& clock) : answered(clock) {}
  Event answered;
  std::optional<Result<AnyStream>> result;
};

class ListenerHandle final : public Listener {
 public:
  explicit ListenerHandle(std::unique_ptr<PortListener> port) : port_(std::move(port)) {}
  asio::awaitable<Result<AnyStream>> accept() override { return port_->accept(); }
  std::uint16_t port() const override { return port_->port(); }
  void close() override { port_->close(); }

 private:
  std::unique_ptr<PortListener> port_;
};

class ProcessNetwork final : public racebed::Network {
 public:
  ProcessNetwork(SimFabric& fabric, Process& process) : fabric_(fabric), process_(process) {}

  asio::awaitable<Result<std::vector<Address>>> resolve(std::string host) override {
    const LookupVerdict verdict = fabric_.policy().lookup(process_.host(), host);
    Clock& clock = process_.runtime().clock;
    if (verdict.outcome == LookupVerdict::Outcome::silence) co_await clock.sleep_until(Instant::max());
    co_await clock.sleep_for(verdict.after);
    const std::string_view found = fabric_.host_named(host);
    if (verdict.outcome == LookupVerdict::Outcome::server_failure)
      co_return ErrorCode(asio::error::host_not_found_try_again);
    if (verdict.outcome == LookupVerdict::Outcome::no_such_name || found.empty()) {
      co_return ErrorCode(asio::error::host_not_found);
    }
    if (verdict.answers.empty()) co_return std::vector<Address>{fabric_.address_of(found)};
    std::vector<Address> answers;
    for (const std::string& answer : verdict.answers) {
      const std::string_view named = fabric_.host_named(answer);
      answers.push_back(named.empty() ? Address{answer} : fabric_.address_of(named));
    }
    co_return answers;
  }

  asio::awaitable<Result<AnyStream>> connect(Address address, std::uint16_t port) override {
    const std::string host(fabric_.host_of(address));
    const std::string& to = host.empty() ? address.text : host;
    ConnectVerdict verdict = fabric_.policy().connect({process_.host(), to, port});
    if (host.empty() && verdict.outcome == ConnectVerdict::Outcome::normal)
      verdict.outcome = ConnectVerdict::Outcome::host_unreachable;
    auto attempt = std::make_shared<Attempt>(process_.runtime().clock);
    send_attempt(attempt, verdict, host, port);
    while (!attempt->result) co_await attempt->answered.wait();
    Result<AnyStream> result = std::move(*attempt->result);
    attempt->result.reset();
    co_return std::move(result);
  }

  Result<std::unique_ptr<Listener>> listen(std::uint16_t port) override {
    if (port == 0) port = fabric_.free_port(process_.host());
    if (fabric_.listener(process_.host(), port) != nullptr) return ErrorCode(asio::error::address_in_use);
    return std::unique_ptr<Listener>(
        std::make_unique<ListenerHandle>(std::make_unique<PortListener>(fabric_, process_, port)));
  }

 private:
  static ErrorCode error_of(ConnectVerdict::Outcome outcome) {
    switch (outcome) {
      case ConnectVerdict::Outcome::refused:
        return asio::error::connection_refused;
      case ConnectVerdict::Outcome::network_unreachable:
        return asio::error::network_unreachable;
      default:
        return asio::error::host_unreachable;
    }
  }

  /// The first segment travels to the host, the answer back; each takes the verdict's latency.
  void send_attempt(std::shared_ptr<Attempt> attempt, ConnectVerdict verdict, std::string host,
                    std::uint16_t port) {
    if (verdict.outcome == ConnectVerdict::Outcome::silence) return;
    Kernel& kernel = fabric_.kernel();
    Domain& client = process_.domain();
    const Duration way = verdict.latency;
    if (verdict.outcome != ConnectVerdict::Outcome::normal) {
      answer(client, kernel.now() + way, std::move(attempt), error_of(verdict.outcome));
      return;
    }
    kernel.call_at(kernel.world(), kernel.now() + way, [this, &client, &kernel, way, host, port, attempt] {
      if (client.dead) return;
      PortListener* listener = fabric_.listener(host, port);
      if (listener == nullptr || listener->full()) {
        answer(client, kernel.now() + way, attempt, ErrorCode(asio::error::connection_refused));
        return;
      }
      auto connection = fabric_.connect(process_, *listener);
      listener->arrived(stream_end(connection, Connection::Side::server));
      answer(client, kernel.now() + way, attempt,
             AnyStream(stream_end(connection, Connection::Side::client)));
    });
  }

  void answer(Domain& client, Time when, std::shared_ptr<Attempt> attempt, Result<AnyStream> result) {
    auto held = std::make_shared<Result<AnyStream>>(std::move(result));
    fabric_.kernel().call_at(client, when, [attempt = std::move(attempt), held] {
      attempt->result = std::move(*held);
      attempt->answered.notify_all();
    });
  }

  SimFabric& fabric_;
  Process& process_;
};

}  // namespace

std::unique_ptr<racebed::Network> network_of(SimFabric& fabric, Process& process) {
  return std::make_unique<ProcessNetwork>(fabric, process);
}

}  // namespace racebed::sim

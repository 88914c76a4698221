#include "experiments/live/fake_world.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "experiments/live/control.hpp"
#include "experiments/live/kubeconfig.hpp"
#include "faults/adjustable.hpp"
#include "models/apiserver/front_end.hpp"
#include "models/apiserver/http_server.hpp"
#include "models/apiserver/job_type.hpp"
#include "models/apiserver/notification_schema.hpp"
#include "models/controllers/beside.hpp"
#include "models/slack/slack.hpp"
#include "runtime/assert.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::experiments {
namespace {

using namespace asio::experimental::awaitable_operators;

/// Long enough for a person with a debugger on the client's side, short enough that a forgotten connection
/// goes.
models::HttpLimits limits() {
  return {.idle_timeout = std::chrono::minutes{5},
          .header_timeout = std::chrono::seconds{10},
          .body_timeout = std::chrono::seconds{60},
          .write_timeout = std::chrono::seconds{30}};
}

constexpr Duration kHandshakeTimeout = std::chrono::seconds{10};

/// As kube-apiserver 1.20 serves the CRD: CEL rules came later.
constexpr models::NotificationTypeOptions kNotificationType{.spec_immutable = false};

/// What a client did is to be seen by its next request, before a controller has acted on it.
constexpr models::ControllersOptions kControllers{.mirrors = {.lag = std::chrono::milliseconds{250}}};

}  // namespace

struct FakeWorld::State {
  State(Runtime& r, models::Ledger& l, FakeWorldOptions o)
      : runtime(r),
        ledger(l),
        options(std::move(o)),
        authority({options.slack_host, "localhost", options.address}),
        registry(models::builtin_resources(kNotificationType)),
        store(l),
        draining(r.clock) {}

  Runtime& runtime;
  models::Ledger& ledger;
  FakeWorldOptions options;
  models::CertificateAuthority authority;
  faults::AdjustableFaults faults;
  models::Registry registry;
  models::Store store;
  models::Workspace workspace{{}};
  std::vector<std::unique_ptr<models::FrontEnd>> front_ends;
  // The controllers beside the server have one of their own, so that faults meant for clients are not spent
  // on them.
  models::FrontEndPolicy calm;
  std::unique_ptr<models::FrontEnd> inner;
  std::unique_ptr<models::ControllersBeside> controllers;
  std::unique_ptr<models::ApiHttpServer> http;
  std::unique_ptr<models::ApiHttpServer> https;
  std::unique_ptr<models::Slack> slack;
  std::unique_ptr<Control> control;
  FakeWorldPorts ports;
  Event draining;
  bool drained = false;

  std::unique_ptr<models::ApiHttpServer> api_server(std::uint16_t port, bool tls);
  void make_namespaces();
  asio::awaitable<void> define_notifications();
  asio::awaitable<void> serve_api();
  asio::awaitable<void> until_drained();
};

std::unique_ptr<models::ApiHttpServer> FakeWorld::State::api_server(std::uint16_t port, bool tls) {
  // A client's connections may reach different front ends, as behind a load balancer.
  auto handler = [this](models::ApiHttpRequest request, std::uint64_t connection) {
    return front_ends[connection % front_ends.size()]->handle(std::move(request));
  };
  return std::make_unique<models::ApiHttpServer>(
      runtime, std::move(handler),
      models::ApiHttpServerOptions{.port = port,
                                   .identity = tls ? &authority.identity(models::ChainKind::good) : nullptr,
                                   .limits = limits(),
                                   .handshake_timeout = kHandshakeTimeout,
                                   .drain_timeout = options.drain_timeout,
                                   .who = options.who,
                                   .token = options.token});
}

/// Those that a cluster has from its first moment.
void FakeWorld::State::make_namespaces() {
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    const models::ResourceType& type = *registry.find("", "v1", "namespaces");
    models::Json object{{"apiVersion", "v1"},
                        {"kind", "Namespace"},
                        {"metadata",
                         {{"name", name},
                          {"uid", uuid_v4(runtime.random, "object-uid")},
                          {"creationTimestamp", to_rfc3339(runtime.clock.now())},
                          {"labels", {{"kubernetes.io/metadata.name", name}}}}},
                        {"spec", {{"finalizers", {"kubernetes"}}}},
                        {"status", {{"phase", "Active"}}}};
    store.put(type, models::Store::key("", name), std::move(object), {"apiserver", 1},
              models::Committed::Operation::create);
  }
}

FakeWorld::FakeWorld(Runtime& runtime, models::Ledger& ledger, FakeWorldOptions options)
    : state_(std::make_unique<State>(runtime, ledger, std::move(options))) {
  State& state = *state_;
  RACEBED_ASSERT(state.options.front_ends >= 1, "there is an API server");
  // Here and not among the kinds that every world has: those of a simulated run have no use for it.
  state.registry.add(models::job_type());
  state.make_namespaces();
  for (std::size_t i = 0; i < state.options.front_ends; ++i) {
    state.front_ends.push_back(
        std::make_unique<models::FrontEnd>(runtime, state.store, state.registry, state.faults.api(), ledger));
  }
  state.inner = std::make_unique<models::FrontEnd>(runtime, state.store, state.registry, state.calm, ledger);
  state.controllers = std::make_unique<models::ControllersBeside>(
      runtime, [inner = state.inner.get()] { return inner; }, kControllers);
}

FakeWorld::~FakeWorld() = default;

Result<FakeWorldPorts, std::string> FakeWorld::listen() {
  State& state = *state_;
  const FakeWorldOptions& options = state.options;
  const auto failed = [](const char* what, std::uint16_t port, const ErrorCode& error) {
    return fmt::format("{} port {}: {}", what, port, error.message());
  };
  if (options.http_port) {
    state.http = state.api_server(*options.http_port, false);
    if (auto bound = state.http->listen(); !bound) return failed("HTTP", *options.http_port, bound.error());
    state.ports.http = state.http->port();
  }
  if (options.https_port) {
    state.https = state.api_server(*options.https_port, true);
    if (auto bound = state.https->listen(); !bound)
      return failed("HTTPS", *options.https_port, bound.error());
    state.ports.https = state.https->port();
  }
  if (options.slack_port) {
    std::function<std::string(const std::string&)> sender;
    if (options.who) sender = [who = options.who](const std::string& host) { return who(host).process; };
    state.slack =
        std::make_unique<models::Slack>(state.runtime, state.workspace, &state.authority,
                                        state.faults.slack(), state.ledger, models::Actor{"slack", 1},
                                        models::SlackOptions{.port = *options.slack_port,
                                                             .tls = options.slack_tls,
                                                             .think_min = options.slack_think_min,
                                                             .think_spread = options.slack_think_spread,
                                                             .sender = std::move(sender),
                                                             .limits = limits(),
                                                             .handshake_timeout = kHandshakeTimeout});
    if (auto bound = state.slack->listen(); !bound)
      return failed("Slack", *options.slack_port, bound.error());
    state.ports.slack = state.slack->port();
  }
  if (options.control_port) {
    state.control = std::make_unique<Control>(
        state.runtime,
        ControlParts{state.faults, state.ledger, [&state] { state.store.compact(state.store.revision()); },
                     [this] { return kubeconfig(); }, state.authority.root_pem(),
                     state.authority.revocations_pem()},
        limits());
    if (auto bound = state.control->listen(*options.control_port); !bound)
      return failed("control", *options.control_port, bound.error());
    state.ports.control = state.control->port();
  }
  return state.ports;
}

std::string FakeWorld::set_faults(const nlohmann::json& document) {
  return state_->faults.set(document);
}

/// The kind is served from the first moment on; its definition is there too, for whoever looks, changes or
/// deletes it.
asio::awaitable<void> FakeWorld::State::define_notifications() {
  models::ApiHttpRequest request{.method = "POST",
                                 .target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"};
  request.body = std::make_shared<const models::Json>(models::notification_definition(kNotificationType));
  request.client = {"apiserver", 1};
  const auto answer = co_await inner->handle(std::move(request));
  RACEBED_ASSERT(answer && answer->status == 201, "the definition of our own kind is accepted");
}

asio::awaitable<void> FakeWorld::State::serve_api() {
  TaskGroup servers(runtime);
  if (http) servers.spawn("http", http->run());
  if (https) servers.spawn("https", https->run());
  co_await until_drained();
  if (http) http->drain();
  if (https) https->drain();
  co_await servers.join();
}

asio::awaitable<void> FakeWorld::State::until_drained() {
  while (!drained) co_await draining.wait();
}

asio::awaitable<void> FakeWorld::run() {
  State& state = *state_;
  TaskGroup others(state.runtime);
  for (const auto& front_end : state.front_ends) others.spawn("watch caches", front_end->run());
  others.spawn("watch caches", state.inner->run());
  others.spawn("controllers", state.controllers->run());
  co_await state.define_notifications();
  if (state.slack) others.spawn("slack", state.slack->run());
  if (state.control) others.spawn("control", state.control->run());
  co_await state.serve_api();
  others.cancel();
  co_await others.join();
}

void FakeWorld::drain() {
  state_->drained = true;
  state_->draining.notify_all();
}

std::string FakeWorld::kubeconfig() const {
  return kubeconfig_text({.address = state_->options.address,
                          .http_port = state_->ports.http,
                          .https_port = state_->ports.https,
                          .ca_pem = state_->authority.root_pem(),
                          .token = state_->options.token.empty() ? "racebed" : state_->options.token});
}

const std::string& FakeWorld::ca_pem() const {
  return state_->authority.root_pem();
}

const std::string& FakeWorld::revocations_pem() const {
  return state_->authority.revocations_pem();
}

const models::Store& FakeWorld::store() const {
  return state_->store;
}

const models::Registry& FakeWorld::registry() const {
  return state_->registry;
}

std::string FakeWorld::slack_webhook_url() const {
  return fmt::format("{}://{}:{}{}", state_->options.slack_tls ? "https" : "http", state_->options.slack_host,
                     state_->ports.slack, models::WorkspaceOptions{}.webhook_path);
}

std::string FakeWorld::slack_api_url() const {
  return fmt::format("{}://{}:{}/api", state_->options.slack_tls ? "https" : "http",
                     state_->options.slack_host, state_->ports.slack);
}

}  // namespace racebed::experiments

#include "tests/fuzz/server.hpp"

#include "models/users/plan.hpp"
#include "runtime/assert.hpp"
#include "sim/kernel.hpp"

namespace racebed::fuzz {
namespace {

/// More would be a loop: the longest stories take some thousands.
constexpr std::uint64_t kStepsMax = 1'000'000;

asio::awaitable<void> serve(Runtime& runtime, const std::function<asio::awaitable<void>(Server&)>& main) {
  Server server(runtime);
  co_await server.fill();
  co_await main(server);
}

}  // namespace

Server::Server(Runtime& runtime)
    : ledger([&runtime] { return runtime.clock.now(); }),
      store(ledger),

      registry(models::builtin_resources()),

      front_end(runtime, store, registry, policy, ledger) {}

asio::awaitable<void> Server::fill() {
  co_await call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"default"}})");
  co_await call("POST", kConfigMaps, R"({"metadata":{"name":"a","labels":{"k":"v"}},"data":{"x":"y"}})");
  const models::Json notification{{"metadata", {{"name", "n"}}}, {"spec", models::notification_spec()}};
  const int status = co_await call("POST", kNotifications, notification.dump());
  RACEBED_ASSERT(status == 201, "the server takes what it is filled with");
}

asio::awaitable<int> Server::call(std::string method, std::string target, std::string bytes,
                                  std::string content_type) {
  models::ApiHttpRequest request{.method = method,
                                 .target = std::move(target),
                                 .content_type = std::move(content_type),
                                 .bytes = std::move(bytes)};
  const auto response = co_await front_end.handle(std::move(request));
  RACEBED_ASSERT(response.has_value(), "a calm server answers");
  // kube-apiserver itself calls a body that is no patch its own fault.
  const bool odd_patch = method == "PATCH" && response->status == 500;
  RACEBED_ASSERT(response->status >= 200 && (response->status < 500 || odd_patch),
                 "no request is the server's fault");
  if (response->body) {
    RACEBED_ASSERT(models::Json::accept(models::body_text(*response)), "an answer is JSON");
  }
  co_return response->status;
}

void in_server(const std::function<asio::awaitable<void>(Server&)>& main) {
  sim::Choices choices(sim::seeded_choices(1));
  sim::Kernel kernel(choices, {.steps_max = kStepsMax});
  sim::Process& process = kernel.add_process({.name = "apiserver"});
  process.start([&main](Runtime& runtime) { return serve(runtime, main); });
  process.on_change([](sim::Process&, sim::ProcessChange change, std::string_view detail) {
    RACEBED_ASSERT(change != sim::ProcessChange::crashed, std::string(detail));
  });
  const sim::StopReason reason = kernel.run(kernel.now() + std::chrono::hours{1});
  RACEBED_ASSERT(reason == sim::StopReason::idle, "a request comes to its end");
}

std::pair<std::string_view, std::string_view> split(std::string_view text) {
  constexpr std::string_view kBetween = "\n===\n";
  const std::size_t at = text.find(kBetween);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + kBetween.size())};
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace racebed::fuzz

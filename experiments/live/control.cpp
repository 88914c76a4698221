#include "experiments/live/control.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "experiments/live/ledger_json.hpp"
#include "runtime/assert.hpp"
#include "runtime/task_group.hpp"

namespace racebed::experiments {
namespace {

using models::HttpServerAnswer;
using models::HttpServerRequest;
using models::Json;

HttpServerAnswer json_answer(const Json& json, int status = 200) {
  return {.status = status, .body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

HttpServerAnswer text_answer(std::string text, int status = 200) {
  return {.status = status, .body = std::move(text), .content_type = "text/plain; charset=utf-8"};
}

HttpServerAnswer wrong(int status, const std::string& line) {
  return json_answer({{"error", line}}, status);
}

/// The value of `name` in "a=1&b=2".
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

Control::Control(Runtime& runtime, ControlParts parts, models::HttpLimits limits)
    : runtime_(runtime), parts_(std::move(parts)), limits_(limits) {}

Result<void> Control::listen(std::uint16_t port) {
  auto listener = runtime_.network.listen(port);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  return {};
}

asio::awaitable<void> Control::run() {
  RACEBED_ASSERT(listener_ != nullptr, "it listens before it runs");
  TaskGroup connections(runtime_);
  for (;;) {
    auto accepted = co_await listener_->accept();
    if (!accepted) break;
    connections.spawn("control connection", serve(std::move(*accepted)));
  }
  connections.cancel();
  co_await connections.join();
}

asio::awaitable<void> Control::serve(AnyStream stream) {
  models::HttpConversation talk(std::move(stream), runtime_.clock, limits_);
  for (bool open = true; open;) {
    auto request = co_await talk.read();
    if (!request) {
      auto refusal = models::answer_to(request.error());
      if (refusal) co_await talk.write(std::move(*refusal), false);
      break;
    }
    const bool keep_alive = request->keep_alive;
    const bool written = co_await talk.write(answer(*request), keep_alive);
    open = written && keep_alive;
  }
  talk.close(CloseKind::graceful);
}

HttpServerAnswer Control::answer(const HttpServerRequest& request) {
  const std::string_view target = request.target;
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  const std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);
  const bool get = request.method == "GET";
  if (path == "/faults") return faults_answer(request);
  if (path == "/ledger" && get) return ledger_answer(query);
  if (path == "/healthz" && get) return text_answer("ok\n");
  if (path == "/kubeconfig" && get) return text_answer(parts_.kubeconfig());
  if (path == "/ca.pem" && get) return text_answer(parts_.ca_pem);
  if (path == "/revocations.pem" && get) return text_answer(parts_.revocations_pem);
  if (path == "/compact" && request.method == "POST") {
    parts_.compact();
    return json_answer({{"compacted", true}});
  }
  return wrong(
      404, fmt::format(
               "{} {}: unknown, expected GET|PUT|DELETE /faults, GET /ledger, GET /kubeconfig, GET /ca.pem, "
               "GET /revocations.pem, GET /healthz or POST /compact",
               request.method, std::string(path.substr(0, 200))));
}

HttpServerAnswer Control::faults_answer(const HttpServerRequest& request) {
  Json document = Json::object();
  if (request.method == "PUT") {
    document = Json::parse(request.body, nullptr, false);
    if (document.is_discarded()) return wrong(400, "faults: found text that is not JSON, expected an object");
  } else if (request.method == "GET") {
    return json_answer(parts_.faults.current());
  } else if (request.method != "DELETE") {
    return wrong(405, fmt::format("/faults: found {}, expected GET, PUT or DELETE", request.method));
  }
  const std::string problem = parts_.faults.set(document);
  if (!problem.empty()) return wrong(400, problem);
  return json_answer(parts_.faults.current());
}

HttpServerAnswer Control::ledger_answer(std::string_view query) const {
  std::uint64_t after = 0;
  if (const auto text = parameter(query, "after")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), after);
    if (error != std::errc() || end != text->data() + text->size())
      return wrong(400, fmt::format("after: found {}, expected an integer", *text));
  }
  const auto kind = parameter(query, "kind");
  Json facts = Json::array();
  for (const models::Fact& fact : parts_.ledger.facts()) {
    if (fact.number > after && (!kind || models::kind_of(fact) == *kind)) facts.push_back(to_json(fact));
  }
  return json_answer({{"facts", std::move(facts)}});
}

}  // namespace racebed::experiments

// The recorded answers of a real kube-apiserver (cases.json, expected.json) against ours, case by case.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "models/apiserver/front_end.hpp"
#include "models/apiserver/notification_schema.hpp"
#include "sim/kernel.hpp"
#include "tests/conformance/normal.hpp"

namespace racebed::tests {
namespace {

using models::ApiHttpRequest;
using models::ApiHttpResponse;

const std::string kFolder = std::string(RACEBED_SOURCE_DIR) + "/tests/conformance/";

Json load(const std::string& file) {
  std::ifstream in(kFolder + file);
  REQUIRE(in.good());
  return Json::parse(in);
}

/// Replaces ${name} in every string.
Json substituted(const Json& value, const std::map<std::string, std::string>& variables) {
  if (value.is_string()) {
    std::string text = value;
    for (const auto& [name, replacement] : variables) {
      const std::string pattern = "${" + name + "}";
      for (std::size_t at = 0; (at = text.find(pattern, at)) != std::string::npos; at += replacement.size()) {
        text.replace(at, pattern.size(), replacement);
      }
    }
    return text;
  }
  Json out = value;
  for (auto& member : out) {
    if (out.is_structured()) member = substituted(member, variables);
  }
  return out;
}

/// One server for one case.
struct Server {
  Runtime& runtime;
  models::Ledger ledger;
  models::Store store{ledger};
  models::Registry registry;
  models::FrontEndPolicy calm;
  models::FrontEnd front_end;

  explicit Server(Runtime& r)
      : runtime(r),
        ledger([&r] { return r.clock.now(); }),
        registry(models::builtin_resources(
            models::NotificationTypeOptions{.spec_immutable = false, .additions = false})),
        front_end(r, store, registry, calm, ledger) {}
};

asio::awaitable<Json> call(Server& server, std::string method, std::string path, Json headers,
                           std::string body) {
  ApiHttpRequest request{.method = method == "WATCH" ? "GET" : method,
                         .target = path,
                         .content_type = headers.value("content-type", ""),
                         .accept = headers.value("accept", "application/json"),
                         .bytes = body};
  auto response = co_await server.front_end.handle(std::move(request));
  Json answer{{"status", response->status}, {"type", "application/json"}};
  if (response->watch) {
    answer["body"] = Json::array();
    for (;;) {
      auto event = co_await response->watch->next();
      if (!event) break;
      Json line{{"type", std::string(to_text(event->type))}, {"object", *event->object}};
      answer["body"].push_back(std::move(line));
    }
    co_return answer;
  }
  if (response->body) {
    answer["body"] = models::whole_body(*response);
  } else {
    answer["body"] = response->text;
    answer["type"] = "text/plain";
  }
  co_return answer;
}

asio::awaitable<void> run_case(Server& server, const Json& test_case, std::string ns, Json& answers) {
  std::string made = Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}}}}.dump();
  Json json_type{{"content-type", "application/json"}};
  co_await call(server, "POST", "/api/v1/namespaces", json_type, made);
  std::map<std::string, std::string> variables{{"ns", ns}};
  Normal normal(ns);
  for (const Json& step : test_case["steps"]) {
    std::string body;
    if (step.contains("body"))
      body = substituted(step["body"], variables).dump();
    else if (step.contains("raw"))
      body = step["raw"];
    std::string path = substituted(step["path"], variables);
    std::string method = step["method"];
    Json headers = step.value("headers", Json::object());
    Json answer = co_await call(server, method, path, headers, body);
    const Json saves = step.value("save", Json::object());
    for (const auto& [name, where] : saves.items()) {
      std::string at = where;
      if (!at.starts_with('/')) at = "/" + at;
      const Json::json_pointer pointer(at);
      if (answer["body"].contains(pointer) && answer["body"][pointer].is_string()) {
        variables[name] = answer["body"][pointer];
      }
    }
    answer["body"] = normal.walk(answer["body"]);
    answers.push_back(std::move(answer));
  }
}

Json answers_of(const Json& test_case, std::size_t index) {
  sim::Choices choices(sim::seeded_choices(1));
  sim::Kernel kernel(choices);
  Json answers = Json::array();
  sim::Process& process = kernel.add_process({.name = "apiserver"});
  process.on_change([&](sim::Process&, sim::ProcessChange change, std::string_view detail) {
    if (change == sim::ProcessChange::crashed) answers = {{"crashed", std::string(detail)}};
  });
  process.start([&](Runtime& runtime) -> asio::awaitable<void> {
    Server server(runtime);
    co_await run_case(server, test_case, fmt::format("case-r0-{}", index), answers);
  });
  kernel.run();
  REQUIRE_FALSE(kernel.leak().has_value());
  return answers;
}

TEST_CASE("every recorded case is answered as kube-apiserver answered it") {
  const Json cases = load("cases.json")["cases"];
  const Json expected = load("expected.json");
  REQUIRE(cases.size() == expected.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = cases[i]["name"];
    INFO(name);
    CHECK(differences(relaxed(expected[name]), relaxed(answers_of(cases[i], i))) == "");
  }
}

}  // namespace
}  // namespace racebed::tests

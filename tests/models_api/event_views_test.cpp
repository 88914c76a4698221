// One event, two groups: what is written as v1 is read as events.k8s.io/v1, and the other way round.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/models_api/cluster.hpp"
#include "tests/support/world.hpp"

namespace racebed::models::tests {
namespace {

const std::string kCore = "/api/v1/namespaces/a/events";
const std::string kHere = "/apis/events.k8s.io/v1/namespaces/a/events";

std::string members(const ApiHttpResponse& answer) {
  if (answer.status >= 300) return fmt::format("{}", answer.status);
  std::string text = answer.body->value("apiVersion", "");
  for (const char* name : {"message", "note", "involvedObject", "regarding", "count", "deprecatedCount"}) {
    if (answer.body->contains(name)) text += fmt::format(" {}", name);
  }
  return text;
}

asio::awaitable<void> story(Runtime& runtime, std::string& out) {
  Cluster server(runtime);
  co_await server.make_namespace("a");
  const JsonPtr core = shared(Json::parse(
      R"({"metadata":{"name":"one"},"involvedObject":{"kind":"Pod","namespace":"a","name":"p"},"message":"m","count":2})"));
  const JsonPtr here = shared(Json::parse(
      R"({"metadata":{"name":"two"},"regarding":{"kind":"Pod","namespace":"a","name":"q"},"note":"n","type":"Normal","reason":"R",
          "action":"A","eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"c","reportingInstance":"i"})"));
  const auto step = [&](std::string method, std::string target, JsonPtr body) -> asio::awaitable<void> {
    const ApiHttpResponse answer =
        co_await server.call(std::move(method), std::move(target), std::move(body));
    out += members(answer) + "\n";
  };
  co_await step("POST", kCore, core);
  co_await step("GET", kHere + "/one", nullptr);
  co_await step("POST", kHere, here);
  co_await step("GET", kCore + "/two", nullptr);
  const ApiHttpResponse list = co_await server.call("GET", kHere + "?fieldSelector=regarding.name=q");
  const Json body = whole_body(list);
  out += fmt::format("{} of them, {}\n", body["items"].size(), body["items"][0].value("note", ""));
  co_await step("DELETE", kHere + "/one", nullptr);
  co_await step("GET", kCore + "/one", nullptr);
  co_await step("POST", kHere, shared(Json::parse(R"({"metadata":{"name":"three"}})")));
}

}  // namespace

TEST_CASE("an event is kept once and shown in both groups") {
  const std::string told = ::racebed::tests::run_twice(9, [](sim::Kernel& kernel) {
    std::string out;
    sim::Process& process = kernel.add_process({.name = "apiserver"});
    process.start([&](Runtime& runtime) { return story(runtime, out); });
    kernel.run();
    return out;
  });
  CHECK(told ==
        "v1 message involvedObject count\n"
        "events.k8s.io/v1 note regarding deprecatedCount\n"
        "events.k8s.io/v1 note regarding\n"
        "v1 message involvedObject\n"
        "1 of them, n\n"
        "v1\n"
        "404\n"
        "422\n");
}

}  // namespace racebed::models::tests

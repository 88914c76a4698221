// The recorded answers of a real kube-apiserver (cases.json, expected.json) against ours, case by case.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/apiserver/front_end.hpp"
#include "models/apiserver/notification_schema.hpp"
#include "sim/kernel.hpp"
#include "tests/support/conformance/case.hpp"

namespace racebed::tests {
namespace {

using models::ApiHttpRequest;
using models::ApiHttpResponse;

const std::string kFolder = std::string(RACEBED_SOURCE_DIR) + "/tests/conformance/";

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

asio::awaitable<void> answer(Server& server, CaseRun& run, CaseRequest asked) {
  const auto header = [&](const char* name) {
    const auto found = asked.headers.find(name);
    return found == asked.headers.end() ? std::string() : found->second;
  };
  ApiHttpRequest request{.method = asked.method,
                         .target = asked.path,
                         .content_type = header("content-type"),
                         .accept = header("accept"),
                         .bytes = asked.body};
  auto response = co_await server.front_end.handle(std::move(request));
  if (response->watch) {
    Json events = Json::array();
    for (;;) {
      auto event = co_await response->watch->next();
      if (!event) break;
      Json line{{"type", std::string(to_text(event->type))}, {"object", *event->object}};
      events.push_back(std::move(line));
    }
    run.answer(200, "application/json", events);
  } else if (response->body) {
    run.answer(response->status, "application/json", models::whole_body(*response));
  } else {
    run.answer(response->status, "text/plain", response->text);
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
    CaseRun run(test_case, fmt::format("case-r0-{}", index));
    while (auto request = run.next()) co_await answer(server, run, std::move(*request));
    answers = run.answers();
  });
  kernel.run();
  REQUIRE_FALSE(kernel.leak().has_value());
  return answers;
}

TEST_CASE("every recorded case is answered as kube-apiserver answered it") {
  const Json cases = json_file(kFolder + "cases.json")["cases"];
  const Json expected = json_file(kFolder + "expected.json");
  REQUIRE(cases.size() == expected.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = cases[i]["name"];
    INFO(name);
    CHECK(differences(relaxed(expected[name]), relaxed(answers_of(cases[i], i))) == "");
  }
}

}  // namespace
}  // namespace racebed::tests

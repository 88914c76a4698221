// The recorded cases of tests/conformance once more, over HTTP against `racebed serve`.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/e2e/world.hpp"
#include "tests/support/conformance/case.hpp"

namespace racebed::tests {
namespace {

Json body_of(const HttpAnswer& answer, bool watch) {
  if (watch && answer.status == 200) {
    Json events = Json::array();
    std::istringstream lines(answer.body);
    for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
    return events;
  }
  Json body = answer.json();
  return body.is_discarded() ? Json(answer.body) : body;
}

std::string media_type(const HttpAnswer& answer) {
  const auto type = answer.headers.find("content-type");
  return type == answer.headers.end() ? "" : type->second.substr(0, type->second.find(';'));
}

TEST_CASE("over HTTP, too, every recorded case is answered as kube-apiserver answered it") {
  const std::string folder = std::string(RACEBED_SOURCE_DIR) + "/tests/conformance/";
  const Json document = json_file(folder + "cases.json"), expected = json_file(folder + "expected.json");
  const Json& cases = document["cases"];
  REQUIRE(cases.size() == expected.size());
  REQUIRE(cases.size() >= 106);
  Serve world;
  world.api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", document["crd"]);
  REQUIRE(eventually(std::chrono::seconds{10}, [&] {
    return world.api("GET", "/apis/notification.kubernaut.ai/v1alpha1/notificationrequests").status == 200;
  }));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = cases[i]["name"];
    INFO(name << "\n" << world.log());
    CaseRun run(cases[i], fmt::format("case-r0-{}", i));
    while (const auto request = run.next()) {
      const HttpAnswer answer =
          http(world.http_base(), request->method, request->path, request->body, request->headers);
      run.answer(answer.status, media_type(answer), body_of(answer, request->watch));
    }
    CHECK(differences(relaxed(expected[name]), relaxed(run.answers())) == "");
  }
}

}  // namespace
}  // namespace racebed::tests

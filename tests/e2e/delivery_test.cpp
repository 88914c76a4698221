// The whole way on real sockets: kubectl, API server, two controllers, Slack over TLS.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

constexpr const char* kRequests =
    "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests";

Json notification(const std::string& name, const Json& channels) {
  return {{"apiVersion", "notification.kubernaut.ai/v1alpha1"},
          {"kind", "NotificationRequest"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"type", "escalation"},
            {"priority", "critical"},
            {"recipients", {{{"slack", "#ops"}}}},
            {"subject", name},
            {"body", "it burns"},
            {"channels", channels}}}};
}

Json status_of(const Serve& world, const std::string& name) {
  const Json object = world.api("GET", fmt::format("{}/{}", kRequests, name)).json();
  return object.is_object() ? object.value("status", Json::object()) : Json::object();
}

bool has_phase(const Serve& world, const std::string& name, const std::string& phase) {
  return status_of(world, name).value("phase", "") == phase;
}

bool leads(const ControllerProcess& controller) {
  return http(controller.pages(), "GET", "/metrics").body.find("\nnotification_leader 1") !=
         std::string::npos;
}

TEST_CASE("what kubectl creates reaches Slack over TLS; the leader killed, the other controller takes over") {
  Serve world;
  ControllerProcess first(world, "first"), second(world, "second");
  INFO(world.log() << first.log() << second.log());
  REQUIRE(eventually(std::chrono::seconds{20}, [&] { return leads(first) || leads(second); }));

  const std::string file = world.folder().write("request.json", notification("before", {"slack"}).dump());
  const Ran created = run({client("bin/kubectl"), "--kubeconfig", world.kubeconfig(), "create", "-f", file});
  INFO(report(created));
  REQUIRE(created.status == 0);
  CHECK(eventually(std::chrono::seconds{20}, [&] { return has_phase(world, "before", "Sent"); }));
  CHECK(world.delivered().size() == 1);
  const Json opened = http(world.control(), "GET", "/ledger?kind=connection-opened").json()["facts"];
  CHECK(std::ranges::any_of(opened, [](const Json& fact) { return fact["tls"] == "ok"; }));

  const bool first_led = leads(first);
  ControllerProcess& survivor = first_led ? second : first;
  (first_led ? first : second).process().signal(SIGKILL);
  CHECK(world.api("POST", kRequests, notification("after", {"slack"})).status == 201);
  CHECK(eventually(std::chrono::seconds{30}, [&] { return has_phase(world, "after", "Sent"); }));
  CHECK(leads(survivor));
  CHECK(world.delivered().size() == 2);

  survivor.process().signal(SIGTERM);
  CHECK(survivor.process().wait(std::chrono::seconds{15}) == 0);
  const Json lease =
      world.api("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/notification.kubernaut.ai")
          .json();
  CHECK(lease["spec"].value("holderIdentity", "") == "");
  INFO("the survivor at its end: " << survivor.log());
}

/// Empty, or why not.
std::string status_names(const std::string& certificate, const std::string& error) {
  Serve world({"--slack-certificate", certificate});
  ControllerProcess controller(world, "only");
  const HttpAnswer created = world.api("POST", kRequests, notification("doomed", {"slack"}));
  const bool failed =
      eventually(std::chrono::seconds{30}, [&] { return has_phase(world, "doomed", "Failed"); });
  const Json status = status_of(world, "doomed");
  const Json attempts = status.value("deliveryAttempts", Json::array());
  const bool named = !attempts.empty() && attempts[0].value("error", "").find(error) != std::string::npos;
  if (created.status == 201 && failed && named && world.delivered().empty()) return {};
  return fmt::format("a certificate that is {}: expected {} in the status, found (creation {}) {}\n{}{}",
                     certificate, error, created.status, status.dump(1), world.log(), controller.log());
}

TEST_CASE("each bad certificate of Slack is named in the notification's status, and nothing is sent") {
  const std::vector<std::function<std::string()>> works{
      [] { return status_names("expired", "tls-expired"); },
      [] { return status_names("wrong-host", "tls-host-mismatch"); },
      [] { return status_names("self-signed", "tls-self-signed"); },
      [] { return status_names("unknown-authority", "tls-unknown-authority"); },
      [] { return status_names("revoked", "certificate revoked"); },
      [] { return status_names("weak-key", "certificate key too weak"); }};
  for (const std::string& failure : in_parallel(works)) FAIL_CHECK(failure);
}

TEST_CASE("the four metric checks of the specification hold, and promtool accepts the page") {
  Serve world;
  ControllerProcess controller(world, "measured");
  INFO(world.log() << controller.log());
  REQUIRE(eventually(std::chrono::seconds{20},
                     [&] { return http(controller.pages(), "GET", "/readyz").status == 200; }));
  CHECK(http(controller.pages(), "GET", "/healthz").status == 200);
  REQUIRE(world.api("POST", kRequests, notification("counted", {"console"})).status == 201);
  REQUIRE(eventually(std::chrono::seconds{20}, [&] { return has_phase(world, "counted", "Sent"); }));
  const HttpAnswer page = http(controller.pages(), "GET", "/metrics");
  INFO(page.body);
  REQUIRE(page.status == 200);
  CHECK(page.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
  const auto has_line = [&](const std::string& name, const std::vector<std::string>& labels) {
    std::istringstream lines(page.body);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name) && std::ranges::all_of(labels, [&](const std::string& label) {
            return line.find(label) != std::string::npos;
          }))
        return true;
    }
    return false;
  };
  CHECK(has_line("notification_phase{", {"namespace=\"default\"", "phase=\"Sent\""}));
  CHECK(has_line("notification_deliveries_total{",
                 {"namespace=\"default\"", "channel=\"console\"", "status=\"success\"", "} 1"}));
  for (const char* part : {"_bucket{", "_sum{", "_count{"})
    CHECK(has_line(std::string("notification_delivery_duration_seconds") + part, {"channel=\"console\""}));

  const std::string file = world.folder().write("page.txt", page.body);
  const Ran checked =
      run({"bash", "-c", fmt::format("'{}' check metrics < '{}'", client("bin/promtool"), file)});
  INFO(report(checked));
  CHECK(checked.status == 0);
}

}  // namespace
}  // namespace racebed::tests

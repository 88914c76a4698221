// How a status is read and written back.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/notification/status.hpp"

namespace racebed::notification {
namespace {

using kube::Json;

TEST_CASE("what other clients keep in a status is written back as it was") {
  const Json others{{"type", "Seen"},
                    {"status", "True"},
                    {"reason", "Read"},
                    {"message", ""},
                    {"lastTransitionTime", "2025-11-29T00:00:00Z"}};
  const Json before{{"phase", "Pending"},
                    {"conditions", {others, {{"type", "Ready"}, {"status", "False"}}}},
                    {"escalation", {{"level", 2}}}};
  const kube::Object object(
      std::make_shared<const Json>(Json{{"metadata", {{"name", "a"}}}, {"status", before}}));
  Status status = read_status(object);
  status.observed_generation = 3;
  const Json after = to_json(status, &before);
  CHECK(after.at("conditions").at(0) == others);
  CHECK(after.at("conditions").at(1).at("observedGeneration") == 3);
  CHECK(after.at("escalation") == before.at("escalation"));
}

}  // namespace
}  // namespace racebed::notification

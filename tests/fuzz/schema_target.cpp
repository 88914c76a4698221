#include <nlohmann/json.hpp>

#include "models/apiserver/crd.hpp"
#include "models/apiserver/json_body.hpp"
#include "models/apiserver/schema.hpp"
#include "runtime/assert.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

/// What a create and then an update do to an object.
void check(const models::Schema& schema, models::Json value) {
  const models::Json sent = value;
  std::vector<std::string> unknown;
  schema.unknown_fields(value, "", unknown);
  schema.prune(value);
  std::vector<std::string> left;
  schema.unknown_fields(value, "", left);
  RACEBED_ASSERT(left.empty(), "pruning leaves nothing unknown");
  schema.apply_defaults(value);
  (void)schema.violations(value, nullptr);
  (void)schema.violations(value, &sent);
}

asio::awaitable<void> serve(Server& server, std::string object) {
  std::string collection = kNotifications;
  std::string same = object;
  co_await server.call("POST", std::move(collection), std::move(same));
  for (const char* part : {"/n", "/n/status"}) {
    std::string path = kNotifications + part;
    same = object;
    co_await server.call("PUT", std::move(path), std::move(same));
  }
}

}  // namespace

void schema(std::string_view bytes) {
  const auto [schema, object] = split(bytes);
  const auto keywords = models::parse_json_body(schema);
  auto value = models::parse_json_body(object);
  if (keywords && value && models::schema_problems(keywords->value, "schema").empty()) {
    check(models::Schema(keywords->value), value->value);
    check(models::Schema(keywords->value, true), value->value);
  }
  const std::string text(object);
  in_server([&](Server& server) { return serve(server, text); });
}

}  // namespace racebed::fuzz

#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/schema.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

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
  const std::string text(object);
  in_server([&](Server& server) { return serve(server, text); });
}

}  // namespace racebed::fuzz

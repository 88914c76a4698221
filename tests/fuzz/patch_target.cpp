#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/patches.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

using models::Json;

void apply(std::string_view type, std::string_view document, std::string_view change) {
  auto before = models::parse_json_body(document);
  const auto patch = models::parse_json_body(change);
  if (!before || !patch) return;
  if (type == "json") {
    (void)models::apply_json_patch(before->value, patch->value);
  } else if (type == "merge") {
    models::apply_merge_patch(before->value, patch->value);
  } else {
    (void)models::apply_strategic_merge_patch(before->value, patch->value);
  }
  (void)before->value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

asio::awaitable<void> serve(Server& server, std::string type, std::string collection, std::string document,
                            std::string change) {
  auto parsed = models::parse_json_body(document);
  std::string name = "a";
  if (parsed && parsed->value.is_object()) {
    // Under this name, unless that spoils what the input is about.
    Json& object = parsed->value;
    if (!object.contains("metadata")) object["metadata"] = {{"name", "made"}};
    if (object["metadata"].is_object() && !object["metadata"].contains("name"))
      object["metadata"]["name"] = "made";
    document = object.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (object["metadata"].is_object()) name = models::text_member(object["metadata"], "name");
  }
  std::string target = collection;
  co_await server.call("POST", std::move(target), std::move(document));
  const std::string content_type = type == "json"    ? "application/json-patch+json"
                                   : type == "merge" ? "application/merge-patch+json"
                                                     : "application/strategic-merge-patch+json";
  for (const char* part : {"", "/status"}) {
    std::string path = collection + "/" + name + part;
    std::string bytes = change;
    co_await server.call("PATCH", std::move(path), std::move(bytes), content_type);
  }
  std::string path = collection + "/" + name;
  co_await server.call("DELETE", std::move(path), "");
}

}  // namespace

void patch(std::string_view bytes) {
  const std::string_view head = take_line(bytes);
  const std::size_t space = std::min(head.find(' '), head.size());
  const std::string_view type = head.substr(0, space);
  const auto [document, change] = split(bytes);
  apply(type, document, change);
  const std::string collection = head.substr(space) == " notificationrequests" ? kNotifications
                                 : head.substr(space) == " namespaces"         ? "/api/v1/namespaces"
                                                                               : kConfigMaps;
  const std::string kind(type), before(document), after(change);
  in_server([&](Server& server) { return serve(server, kind, collection, before, after); });
}

}  // namespace racebed::fuzz

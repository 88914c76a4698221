#include "models/apiserver/http.hpp"

namespace racebed::models {
namespace {

bool is_shown(const ListItems& items, const std::string& member) {
  return !items.typed || (member != "kind" && member != "apiVersion");
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void append_item(std::string& text, const ListItems& items, const Json& object) {
  if (!items.typed || !object.is_object()) {
    text += dump(object, -1);
    return;
  }
  text += '{';
  bool first = true;
  for (const auto& [member, value] : object.items()) {
    if (!is_shown(items, member)) continue;
    if (!std::exchange(first, false)) text += ',';
    text += dump(Json(member), -1);
    text += ':';
    text += dump(value, -1);
  }
  text += '}';
}

}  // namespace

std::string_view to_text(WatchEventType type) {
  switch (type) {
    case WatchEventType::added:
      return "ADDED";
    case WatchEventType::modified:
      return "MODIFIED";
    case WatchEventType::deleted:
      return "DELETED";
    case WatchEventType::bookmark:
      return "BOOKMARK";
    case WatchEventType::error:
      return "ERROR";
  }
  return "ERROR";
}

Json whole_body(const ApiHttpResponse& response) {
  Json body = *response.body;
  if (!response.items) return body;
  Json all = Json::array();
  for (const JsonPtr& object : response.items->objects) {
    Json item = *object;
    if (response.items->typed && item.is_object()) {
      item.erase("kind");
      item.erase("apiVersion");
    }
    all.push_back(std::move(item));
  }
  body["items"] = std::move(all);
  return body;
}

std::string body_text(const ApiHttpResponse& response, int indent) {
  if (!response.items) return dump(*response.body, indent);
  if (indent >= 0) return dump(whole_body(response), indent);
  std::string text = dump(*response.body, -1);
  text.pop_back();
  text += text.size() > 1 ? ",\"items\":[" : "\"items\":[";
  bool first = true;
  for (const JsonPtr& object : response.items->objects) {
    if (!std::exchange(first, false)) text += ',';
    append_item(text, *response.items, *object);
  }
  text += "]}";
  return text;
}

}  // namespace racebed::models

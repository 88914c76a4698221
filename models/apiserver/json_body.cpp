#include "models/apiserver/json_body.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace racebed::models {
namespace {

/// Thrown out of the parser's callback, which has no other way to stop it.
struct TooDeep {};

/// Follows the parser through the document.
class Follower {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kJsonDepthMax) throw TooDeep{};
    using Event = Json::parse_event_t;
    if (event == Event::object_start) {
      open_.push_back({});
    } else if (event == Event::object_end) {
      open_.pop_back();
    } else if (event == Event::key && !open_.empty()) {
      auto& names = open_.back();
      const std::string& name = parsed.get_ref<const std::string&>();
      names.last = name;
      if (!names.seen.insert(name).second) duplicates.push_back(path());
    }
    return true;
  }
  std::vector<std::string> duplicates;

 private:
  struct Names {
    std::set<std::string> seen{};
    std::string last{};
  };
  std::string path() const {
    std::string text;
    for (const Names& names : open_) text += (text.empty() ? "" : ".") + names.last;
    return text;
  }
  std::vector<Names> open_;
};

}  // namespace

std::optional<JsonBody> parse_json_body(std::string_view text) {
  Follower follower;
  try {
    Json value = Json::parse(text.begin(), text.end(), std::ref(follower), false);
    if (value.is_discarded()) return std::nullopt;
    return JsonBody{std::move(value), std::move(follower.duplicates)};
  } catch (const TooDeep&) {
    return std::nullopt;
  }
}

std::string text_member(const Json& object, const char* member) {
  if (!object.is_object()) return {};
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace racebed::models

#include "models/apiserver/negotiation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace racebed::models {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Calls `each` with the trimmed pieces of `text` between separators.
template <class F>
void split(std::string_view text, char separator, F each) {
  while (true) {
    const std::size_t end = text.find(separator);
    each(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

/// One media range of an Accept header (RFC 9110 §12.5.1).
struct Clause {
  std::string_view media;
  std::string_view as;
  std::string_view group;
  std::string_view version;
  int quality = 1000;  // thousandths
};

Clause parse_clause(std::string_view text) {
  Clause clause;
  bool first = true;
  split(text, ';', [&](std::string_view part) {
    if (std::exchange(first, false)) {
      clause.media = part;
      return;
    }
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view key = trimmed(part.substr(0, equals));
    const std::string_view value = trimmed(part.substr(equals + 1));
    if (key == "as") clause.as = value;
    if (key == "g") clause.group = value;
    if (key == "v") clause.version = value;
    if (key == "q" && value.starts_with("0")) {
      clause.quality = 0;
      int scale = 100;
      for (const char digit : value.substr(std::min<std::size_t>(2, value.size()))) {
        if (digit < '0' || digit > '9' || scale == 0) break;
        clause.quality += (digit - '0') * scale;
        scale /= 10;
      }
    }
  });
  return clause;
}

std::optional<AnswerShape> shape_of(const Clause& clause) {
  // JSON is YAML, so we can serve that too.
  const bool ours = clause.media == "application/json" || clause.media == "application/yaml" ||
                    clause.media == "*/*" || clause.media == "application/*" || clause.media.empty();
  if (!ours || clause.quality == 0) return std::nullopt;
  if (clause.as.empty()) return AnswerShape{};
  const bool known = clause.group == "meta.k8s.io" && (clause.version == "v1" || clause.version == "v1beta1");
  if (!known) return std::nullopt;
  if (clause.as == "Table") return AnswerShape{AnswerShape::As::table, std::string(clause.version)};
  if (clause.as == "PartialObjectMetadata" || clause.as == "PartialObjectMetadataList")
    return AnswerShape{AnswerShape::As::partial, std::string(clause.version)};
  return std::nullopt;
}

TableOptions::Include include_of(const Target& target) {
  const std::string_view include = target.parameter("includeObject");
  if (include == "None") return TableOptions::Include::none;
  if (include == "Object") return TableOptions::Include::object;
  return TableOptions::Include::metadata;
}

JsonPtr shared(Json json) {
  return std::make_shared<const Json>(std::move(json));
}

bool is_list(const ApiHttpResponse& response) {
  return response.items.has_value() ||
         (response.body->contains("items") && (*response.body)["items"].is_array());
}

/// The objects of an answer: a list's items, or the one there is.
std::vector<JsonPtr> objects_of(const ApiHttpResponse& response) {
  if (response.items) return response.items->objects;
  if (!is_list(response)) return {response.body};
  std::vector<JsonPtr> objects;
  for (const Json& item : (*response.body)["items"]) objects.push_back(JsonPtr(response.body, &item));
  return objects;
}

Json partial_list(const ApiHttpResponse& response, const std::string& version) {
  Json list{{"kind", "PartialObjectMetadataList"},
            {"apiVersion", "meta.k8s.io/" + version},
            {"metadata", response.body->value("metadata", Json::object())},
            {"items", Json::array()}};
  for (const JsonPtr& object : objects_of(response))
    list["items"].push_back(partial_metadata(*object, version));
  return list;
}

/// Brings the events of a watch into another form, one by one.
class ShapedWatch final : public ApiWatch {
 public:
  ShapedWatch(std::unique_ptr<ApiWatch> events, AnswerShape shape, const ResourceType& type,
              TableOptions options, const Clock& clock)
      : events_(std::move(events)),
        shape_(std::move(shape)),
        type_(type),
        options_(std::move(options)),
        clock_(clock) {}

  asio::awaitable<std::optional<WatchEvent>> next() override {
    auto event = co_await events_->next();
    if (event && event->type != WatchEventType::error) event->object = shown(*event);
    co_return std::move(event);
  }
  bool broke() const override { return events_->broke(); }
  void end() override { events_->end(); }

 private:
  JsonPtr shown(const WatchEvent& event) {
    if (shape_.as == AnswerShape::As::partial) return shared(partial_metadata(*event.object, shape_.version));
    const bool bookmark = event.type == WatchEventType::bookmark;
    const JsonPtr objects[] = {event.object};
    Json made =
        bookmark ? table(type_, {}, event.object->value("metadata", Json::object()), clock_.now(), options_)
                 : table(type_, objects, nullptr, clock_.now(), options_);
    options_.columns = false;  // only the first event has the definitions
    return shared(std::move(made));
  }
  std::unique_ptr<ApiWatch> events_;
  AnswerShape shape_;
  const ResourceType& type_;
  TableOptions options_;
  const Clock& clock_;
};

}  // namespace

Refusal not_acceptable() {
  return {.code = 406,
          .reason = "NotAcceptable",
          .message =
              "only the following media types are accepted: application/json, application/yaml, "
              "application/vnd.kubernetes.protobuf",
          .details = false};
}

std::optional<AnswerShape> answer_shape(std::string_view accept) {
  if (accept.empty() || accept == "application/json") return AnswerShape{};
  std::optional<AnswerShape> best;
  int quality = 0;
  split(accept, ',', [&](std::string_view text) {
    const Clause clause = parse_clause(text);
    auto shape = shape_of(clause);
    if (!shape || clause.quality <= quality) return;  // among equals the first
    best = std::move(shape);
    quality = clause.quality;
  });
  return best;
}

ApiHttpResponse in_shape(ApiHttpResponse response, const AnswerShape& shape, const Target& target,
                         const Clock& clock) {
  if (shape.as == AnswerShape::As::object || response.status >= 300) return response;
  const TableOptions options{.version = shape.version, .include = include_of(target)};
  if (response.watch) {
    response.watch =
        std::make_unique<ShapedWatch>(std::move(response.watch), shape, *target.type, options, clock);
    return response;
  }
  if (!response.body || response.body->value("kind", "") == "Status") return response;
  const bool list = is_list(response);
  if (shape.as == AnswerShape::As::table) {
    const Json metadata = list ? response.body->value("metadata", Json::object()) : Json();
    response.body = shared(table(*target.type, objects_of(response), metadata, clock.now(), options));
  } else {
    response.body = shared(list ? partial_list(response, shape.version)
                                : partial_metadata(*response.body, shape.version));
  }
  response.items.reset();
  return response;
}

}  // namespace racebed::models

// events.k8s.io/v1: the events of the core group under other names. Kept once, as core ones (kubernetes.md
// §1.16).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "models/apiserver/builtin_resources.hpp"
#include "models/apiserver/builtin_schemas.hpp"
#include "models/apiserver/json_body.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

constexpr std::size_t kNoteMax = 1024;

struct Renamed {
  const char* here;
  const char* in_core;
};
constexpr std::array kRenamed = {Renamed{"regarding", "involvedObject"},
                                 Renamed{"note", "message"},
                                 Renamed{"reportingController", "reportingComponent"},
                                 Renamed{"deprecatedSource", "source"},
                                 Renamed{"deprecatedFirstTimestamp", "firstTimestamp"},
                                 Renamed{"deprecatedLastTimestamp", "lastTimestamp"},
                                 Renamed{"deprecatedCount", "count"}};

void rename(Json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  Json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

void from_core(Json& event) {
  event["apiVersion"] = "events.k8s.io/v1";
  for (const Renamed& member : kRenamed) rename(event, member.in_core, member.here);
}

void to_core(Json& event) {
  event["apiVersion"] = "v1";
  for (const Renamed& member : kRenamed) rename(event, member.here, member.in_core);
}

Json schema_here() {
  Json schema = *builtin_schema("Event");
  for (const Renamed& member : kRenamed) rename(schema["properties"], member.in_core, member.here);
  return schema;
}

/// What this group demands of a new event and the core group does not (kubernetes, events validation).
std::vector<Cause> validate(const Json& event, const Json* old) {
  std::vector<Cause> causes;
  if (old == nullptr) {
    const auto time = event.find("eventTime");
    if (time == event.end() || time->is_null())
      causes.push_back({"FieldValueRequired", "eventTime", "Required value"});
    for (const char* member : {"reportingController", "reportingInstance", "action", "reason"}) {
      if (text_member(event, member).empty())
        causes.push_back({"FieldValueRequired", member, "Required value"});
    }
    const std::string type = text_member(event, "type");
    if (type != "Normal" && type != "Warning")
      causes.push_back({"FieldValueInvalid", "type",
                        fmt::format("Invalid value: \"{}\": has invalid value: {}", type, type)});
  }
  if (text_member(event, "note").size() > kNoteMax)
    causes.push_back(
        {"FieldValueInvalid", "note", fmt::format("Invalid value: can have at most {} bytes", kNoteMax)});
  const auto regarding = event.find("regarding");
  const std::string ns = regarding == event.end() ? std::string() : text_member(*regarding, "namespace");
  const std::string& own = metadata_text(event, "namespace");
  if (ns != own && !(ns.empty() && own == "default"))
    causes.push_back({"FieldValueInvalid", "regarding.namespace",
                      fmt::format("Invalid value: \"{}\": does not match event.namespace", ns)});
  return causes;
}

}  // namespace

ResourceType event_view_type() {
  ResourceType type{.group = "events.k8s.io",
                    .version = "v1",
                    .plural = "events",
                    .singular = "event",
                    .kind = "Event",
                    .short_names = {"ev"},
                    .unconditional_update = true,
                    .create_on_update = true,
                    .validate = validate,
                    .from_storage = from_core,
                    .to_storage = to_core};
  type.openapi = std::make_shared<const Json>(schema_here());
  use_schema(type);
  return type;
}

}  // namespace racebed::models

#include "models/apiserver/table.hpp"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_path.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

using Cell = std::function<Json(const Json& object, Time now)>;
struct Column {
  PrinterColumn definition;
  Cell cell;
};

constexpr const char* kNameDescription =
    "Name must be unique within a namespace. Is required when creating resources, although some resources "
    "may allow a "
    "client to request the generation of an appropriate name automatically. Name is primarily intended for "
    "creation "
    "idempotence and configuration definition. Cannot be updated. More info: "
    "http://kubernetes.io/docs/user-guide/identifiers#names";

/// The age that a timestamp stands for.
Json age_of(const std::string& timestamp, Time now) {
  if (timestamp.empty()) return "<unknown>";
  const auto then = parse_rfc3339(timestamp);
  return then ? human_duration(now - *then) : "<invalid>";
}

const Json* at(const Json& object, std::initializer_list<const char*> path) {
  const Json* value = &object;
  for (const char* name : path) {
    if (!value->is_object()) return nullptr;
    const auto found = value->find(name);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

std::string text_at(const Json& object, std::initializer_list<const char*> path) {
  const Json* value = at(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t size_at(const Json& object, const char* member) {
  const Json* value = at(object, {member});
  return value != nullptr && value->is_object() ? static_cast<std::int64_t>(value->size()) : 0;
}

Column name_column() {
  return {{.name = "Name", .type = "string", .format = "name", .description = kNameDescription},
          [](const Json& object, Time) -> Json { return metadata_text(object, "name"); }};
}

Column age_column() {
  return {
      {.name = "Age",
       .type = "string",
       .description = "Time since the object was created, as of the moment it was asked for"},
      [](const Json& object, Time now) { return age_of(metadata_text(object, "creationTimestamp"), now); }};
}

Column text_column(const char* name, const char* description, std::initializer_list<const char*> path,
                   int priority = 0) {
  return {{.name = name, .type = "string", .description = description, .priority = priority},
          [path = std::vector<const char*>(path)](const Json& object, Time) -> Json {
            const Json* value = &object;
            for (const char* member : path) {
              value = value == nullptr ? nullptr : at(*value, {member});
            }
            return value != nullptr && value->is_string() ? *value : Json("");
          }};
}

Column completions_column() {
  return {{.name = "Completions", .type = "string", .description = "How many pods succeeded, of how many"},
          [](const Json& object, Time) -> Json {
            const auto count = [&](std::initializer_list<const char*> path, std::int64_t otherwise) {
              const Json* value = at(object, path);
              return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : otherwise;
            };
            return fmt::format("{}/{}", count({"status", "succeeded"}, 0), count({"spec", "completions"}, 1));
          }};
}

std::string involved(const Json& event) {
  std::string kind = text_at(event, {"involvedObject", "kind"});
  for (char& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return kind + "/" + text_at(event, {"involvedObject", "name"});
}

std::vector<Column> event_columns() {
  const auto seen = [](std::initializer_list<const char*> members) {
    return [members = std::vector<const char*>(members)](const Json& event, Time now) -> Json {
      for (const char* member : members) {
        if (const std::string text = text_at(event, {member}); !text.empty()) return age_of(text, now);
      }
      return "<unknown>";
    };
  };
  std::vector<Column> columns;
  columns.push_back({{.name = "Last Seen", .type = "string", .description = "Time since it was seen last"},
                     seen({"lastTimestamp", "eventTime", "firstTimestamp"})});
  columns.push_back(text_column("Type", "Normal or Warning", {"type"}));
  columns.push_back(text_column("Reason", "Why, in one word", {"reason"}));
  columns.push_back({{.name = "Object", .type = "string", .description = "What it is about"},
                     [](const Json& event, Time) -> Json { return involved(event); }});
  columns.push_back(text_column("Subobject", "Which part of it", {"involvedObject", "fieldPath"}, 1));
  columns.push_back({{.name = "Source", .type = "string", .description = "Who says so", .priority = 1},
                     [](const Json& event, Time) -> Json {
                       const std::string component = text_at(event, {"source", "component"});
                       return component.empty() ? text_at(event, {"reportingComponent"}) : component;
                     }});
  columns.push_back(text_column("Message", "For a person", {"message"}));
  columns.push_back(
      {{.name = "First Seen", .type = "string", .description = "Time since it was seen first", .priority = 1},
       seen({"firstTimestamp", "eventTime"})});
  columns.push_back(
      {{.name = "Count", .type = "string", .description = "How often it was seen", .priority = 1},
       [](const Json& event, Time) -> Json {
         const Json* count = at(event, {"count"});
         return count != nullptr && count->is_number_integer() ? *count : Json(1);
       }});
  Column name = name_column();
  name.definition.priority = 1;
  columns.push_back(std::move(name));
  return columns;
}

/// Those of kube-apiserver's own printers.
std::vector<Column> builtin_columns(const ResourceType& type) {
  if (type.kind == "Event") return event_columns();
  std::vector<Column> columns{name_column()};
  if (type.kind == "Namespace")
    columns.push_back(text_column("Status", "Active or Terminating", {"status", "phase"}));
  if (type.kind == "Secret") columns.push_back(text_column("Type", "What kind of secret", {"type"}));
  if (type.kind == "Secret" || type.kind == "ConfigMap") {
    columns.push_back({{.name = "Data", .type = "string", .description = "How many entries"},
                       [](const Json& object, Time) -> Json {
                         return size_at(object, "data") + size_at(object, "binaryData");
                       }});
  }
  if (type.kind == "Lease")
    columns.push_back(text_column("Holder", "Who holds it", {"spec", "holderIdentity"}));
  if (type.kind == "Job") {
    columns.push_back(completions_column());
    // Nothing here starts a Job, so that none has lasted any time.
    columns.push_back(text_column("Duration", "Time required to complete the job", {}));
  }
  if (type.kind == "CustomResourceDefinition") {
    columns.push_back(
        {{.name = "Created At", .type = "date", .description = "When the server made it"},
         [](const Json& object, Time) -> Json { return metadata_text(object, "creationTimestamp"); }});
    return columns;
  }
  columns.push_back(age_column());
  return columns;
}

std::string printed(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A column of a custom resource (apiextensions-apiserver, tableconvertor): null where nothing is found, or
/// what is found has not the column's type.
Json custom_cell(const PrinterColumn& column, const JsonPath& path, const Json& object, Time now) {
  const auto found = path.find(object);
  if (found.empty()) return nullptr;
  const Json& value = *found.front();
  if (column.type == "string") {
    std::string all;
    for (const Json* each : found) all += (all.empty() ? "" : " ") + printed(*each);
    return all;
  }
  if (column.type == "integer") {
    if (value.is_number_integer()) return value;
    return value.is_number() ? Json(static_cast<std::int64_t>(value.get<double>())) : Json();
  }
  if (column.type == "number") return value.is_number() ? value : Json();
  if (column.type == "boolean") return value.is_boolean() ? value : Json();
  if (column.type == "date") return value.is_string() ? age_of(value.get<std::string>(), now) : Json();
  return nullptr;
}

std::vector<Column> custom_columns(const ResourceType& type) {
  std::vector<Column> columns{name_column()};
  std::vector<PrinterColumn> defined = type.columns;
  if (defined.empty()) {
    defined.push_back({.name = "Age",
                       .type = "date",
                       .description = "Time since it was created",
                       .json_path = ".metadata.creationTimestamp"});
  }
  for (PrinterColumn& column : defined) {
    const auto path = JsonPath::parse(column.json_path);
    if (column.description.empty())
      column.description = "Custom resource definition column (in JSONPath format): " + column.json_path;
    Cell cell = [](const Json&, Time) { return Json(); };
    if (path) {
      cell = [column, path = *path](const Json& object, Time now) {
        return custom_cell(column, path, object, now);
      };
    }
    columns.push_back({std::move(column), std::move(cell)});
  }
  return columns;
}

Json definition(const PrinterColumn& column) {
  return {{"name", column.name},
          {"type", column.type},
          {"format", column.format},
          {"description", column.description},
          {"priority", column.priority}};
}

}  // namespace

std::string human_duration(Duration duration) {
  const std::int64_t seconds = duration / std::chrono::seconds{1};
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  // The smaller unit is shown while it still matters, and only where there is some of it.
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small, const char* small_unit) {
    return small == 0 ? fmt::format("{}{}", large, unit)
                      : fmt::format("{}{}{}{}", large, unit, small, small_unit);
  };
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return fmt::format("{}m", minutes);
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return fmt::format("{}h", hours);
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 730) return fmt::format("{}d", days);
  if (days < 8 * 365) return two(days / 365, "y", days % 365, "d");
  return fmt::format("{}y", days / 365);
}

Json partial_metadata(const Json& object, std::string_view version) {
  Json partial{{"kind", "PartialObjectMetadata"}, {"apiVersion", fmt::format("meta.k8s.io/{}", version)}};
  const auto metadata = object.find("metadata");
  partial["metadata"] = metadata == object.end() ? Json::object() : *metadata;
  return partial;
}

Json table(const ResourceType& type, std::span<const JsonPtr> objects, const Json& metadata, Time now,
           const TableOptions& options) {
  const std::vector<Column> columns = type.custom ? custom_columns(type) : builtin_columns(type);
  Json list = Json::object();
  if (metadata.is_object()) {
    for (const char* member : {"resourceVersion", "continue", "remainingItemCount"}) {
      const auto found = metadata.find(member);
      if (found != metadata.end() && *found != "") list[member] = *found;
    }
  } else if (!objects.empty()) {
    list["resourceVersion"] = metadata_text(*objects.front(), "resourceVersion");
  }
  Json made{{"kind", "Table"},
            {"apiVersion", "meta.k8s.io/" + options.version},
            {"metadata", std::move(list)},
            {"columnDefinitions", Json::array()},
            {"rows", Json::array()}};
  if (options.columns) {
    for (const Column& column : columns) made["columnDefinitions"].push_back(definition(column.definition));
  }
  for (const JsonPtr& object : objects) {
    Json row{{"cells", Json::array()}};
    for (const Column& column : columns) row["cells"].push_back(column.cell(*object, now));
    if (options.include == TableOptions::Include::object) row["object"] = *object;
    if (options.include == TableOptions::Include::metadata)
      row["object"] = partial_metadata(*object, options.version);
    made["rows"].push_back(std::move(row));
  }
  return made;
}

}  // namespace racebed::models

#include "models/apiserver/metadata_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

constexpr std::size_t kAnnotationBytesMax = 256 * 1024;

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_alphanumeric(char c) {
  return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

/// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9], at most 63.
bool is_qualified_part(std::string_view text) {
  if (text.empty() || text.size() > 63 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back()))
    return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

/// [prefix/]name; nothing when fine, else what is wrong.
std::string qualified_name_problem(std::string_view text) {
  constexpr const char* kName =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
      "alphanumeric "
      "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
      "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const std::size_t slash = text.find('/');
  std::string_view name = text;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional "
             "DNS subdomain prefix";
    if (prefix.empty()) return "prefix part must be non-empty";
    if (!is_dns_subdomain(prefix))
      return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
             "'-' or '.'";
  }
  if (name.empty()) return "name part must be non-empty";
  if (name.size() > 63) return "name part must be no more than 63 characters";
  return is_qualified_part(name) ? std::string() : kName;
}

std::string quoted(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Cause invalid_value(std::string field, std::string_view value, std::string_view why) {
  return {"FieldValueInvalid", std::move(field), fmt::format("Invalid value: {}: {}", quoted(value), why)};
}

void check_labels(const Json& metadata, std::vector<Cause>& causes) {
  const auto labels = metadata.find("labels");
  if (labels == metadata.end() || !labels->is_object()) return;
  for (const auto& [key, value] : labels->items()) {
    if (const std::string why = qualified_name_problem(key); !why.empty())
      causes.push_back(invalid_value("metadata.labels", key, why));
    const std::string text = value.is_string() ? value.get<std::string>() : std::string();
    if (text.empty() || is_qualified_part(text)) continue;
    causes.push_back(invalid_value("metadata.labels", text,
                                   text.size() > 63 ? "must be no more than 63 characters"
                                                    : "a valid label must be an empty string or consist of "
                                                      "alphanumeric characters, '-', '_' or '.', and "
                                                      "must start and end with an alphanumeric character "
                                                      "(e.g. 'MyValue',  or 'my_value',  or '12345', "
                                                      "regex used for validation is "
                                                      "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
  }
}

void check_annotations(const Json& metadata, std::vector<Cause>& causes) {
  const auto annotations = metadata.find("annotations");
  if (annotations == metadata.end() || !annotations->is_object()) return;
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations->items()) {
    std::string lower = key;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (const std::string why = qualified_name_problem(lower); !why.empty())
      causes.push_back(invalid_value("metadata.annotations", key, why));
    bytes += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  if (bytes > kAnnotationBytesMax)
    causes.push_back({"FieldValueTooLong", "metadata.annotations",
                      fmt::format("Too long: must have at most {} bytes", kAnnotationBytesMax)});
}

void check_finalizers(const Json& metadata, std::vector<Cause>& causes) {
  const auto finalizers = metadata.find("finalizers");
  if (finalizers == metadata.end() || !finalizers->is_array()) return;
  bool orphan = false, foreground = false;
  for (const Json& finalizer : *finalizers) {
    const std::string name = finalizer.is_string() ? finalizer.get<std::string>() : std::string();
    orphan = orphan || name == "orphan";
    foreground = foreground || name == "foregroundDeletion";
    if (const std::string why = qualified_name_problem(name); !why.empty())
      causes.push_back(invalid_value("metadata.finalizers", name, why));
  }
  if (orphan && foreground)
    causes.push_back(
        {"FieldValueInvalid", "metadata.finalizers",
         fmt::format("Invalid value: {}: finalizer orphan and foregroundDeletion cannot be both set",
                     finalizers->dump())});
}

void check_owners(const Json& metadata, std::vector<Cause>& causes) {
  const auto owners = metadata.find("ownerReferences");
  if (owners == metadata.end() || !owners->is_array()) return;
  std::string controller;
  for (const Json& owner : *owners) {
    for (const char* member : {"apiVersion", "kind", "name", "uid"}) {
      if (!text_member(owner, member).empty()) continue;
      const std::string field = std::string("metadata.ownerReferences.") + member;
      causes.push_back({"FieldValueInvalid", field,
                        fmt::format("Invalid value: \"\": {} must not be empty",
                                    std::string_view(member) == "apiVersion" ? "version" : member)});
    }
    if (text_member(owner, "kind") == "Event" && text_member(owner, "apiVersion") == "v1")
      causes.push_back(
          invalid_value("metadata.ownerReferences", "v1, Kind=Event", "is disallowed from being an owner"));
    const auto flag = owner.find("controller");
    if (flag == owner.end() || *flag != true) continue;
    const std::string name = text_member(owner, "name");
    if (!controller.empty()) {
      causes.push_back(
          {"FieldValueInvalid", "metadata.ownerReferences",
           fmt::format(
               "Invalid value: {}: Only one reference can have Controller set to true. Found \"true\" in "
               "references for {} and {}",
               owners->dump(), controller, name)});
    }
    controller = name;
  }
}

const char* go_type(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "object";
    case Json::value_t::array:
      return "array";
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "bool";
    default:
      return "number";
  }
}

std::string cannot_unmarshal(const Json& value, std::string_view field, const char* type) {
  return fmt::format("json: cannot unmarshal {} into Go struct field ObjectMeta.metadata.{} of type {}",
                     go_type(value), field, type);
}

std::optional<std::string> mistyped_map(const Json& value, const char* name) {
  if (!value.is_object()) return cannot_unmarshal(value, name, "map[string]string");
  for (const Json& text : value) {
    if (!text.is_string()) return cannot_unmarshal(text, name, "string");
  }
  return std::nullopt;
}

std::optional<std::string> mistyped_list(const Json& value, const char* name, bool of_text) {
  if (!value.is_array()) return cannot_unmarshal(value, name, of_text ? "[]string" : "[]v1.OwnerReference");
  for (const Json& item : value) {
    if (of_text ? !item.is_string() : !item.is_object())
      return cannot_unmarshal(item, name, of_text ? "string" : "v1.OwnerReference");
    if (of_text) continue;
    for (const char* member : {"apiVersion", "kind", "name", "uid"}) {
      const auto found = item.find(member);
      if (found != item.end() && !found->is_string()) return cannot_unmarshal(*found, name, "string");
    }
    for (const char* member : {"controller", "blockOwnerDeletion"}) {
      const auto found = item.find(member);
      if (found != item.end() && !found->is_boolean() && !found->is_null())
        return cannot_unmarshal(*found, name, "bool");
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_dns_label(std::string_view name) {
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
  return std::ranges::all_of(name, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  char before = '.';
  for (const char c : name) {
    const bool alphanumeric = is_lower_alphanumeric(c);
    if (!alphanumeric && c != '-' && c != '.') return false;
    if (!alphanumeric && (before == '.' || (c == '.' && before == '-'))) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

std::vector<Cause> check_name(const ResourceType& type, const Json& metadata) {
  std::vector<Cause> causes;
  const bool label = type.kind == "Namespace" && type.group.empty();
  const auto check = [&](const char* field, const std::string& text, bool prefix) {
    // A prefix may end in what only the middle of a name may hold.
    std::string name = text;
    if (prefix && name.ends_with('-')) name.back() = 'a';
    if (name.empty() || (label ? is_dns_label(name) : is_dns_subdomain(name))) return;
    const char* why =
        label ? "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
                "must start and end "
                "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
              : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
                "'.', and must start "
                "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    const std::size_t max = label ? 63 : 253;
    causes.push_back(invalid_value(
        field, text,
        name.size() > max ? fmt::format("must be no more than {} characters", max) : std::string(why)));
  };
  check("metadata.generateName", text_member(metadata, "generateName"), true);
  check("metadata.name", text_member(metadata, "name"), false);
  return causes;
}

std::vector<Cause> check_metadata(const ResourceType&, const Json& metadata) {
  std::vector<Cause> causes;
  check_labels(metadata, causes);
  check_annotations(metadata, causes);
  check_finalizers(metadata, causes);
  check_owners(metadata, causes);
  return causes;
}

std::vector<Cause> check_metadata_update(const Json& metadata, const Json& old) {
  std::vector<Cause> causes;
  for (const char* member : {"deletionTimestamp", "deletionGracePeriodSeconds"}) {
    const auto now = metadata.find(member);
    const auto then = old.find(member);
    if (now == metadata.end() || now->is_null()) continue;
    const bool live = old.find("deletionTimestamp") == old.end();
    const bool grace = std::string_view(member) == "deletionGracePeriodSeconds";
    if ((live && then == old.end()) || (grace && then != old.end() && *then != *now))
      causes.push_back({"FieldValueInvalid", std::string("metadata.") + member,
                        fmt::format("Invalid value: {}: field is immutable", now->dump())});
  }
  return causes;
}

std::optional<std::string> mistyped_metadata(const Json& metadata) {
  static constexpr std::array kTexts = {"name", "generateName",    "namespace",
                                        "uid",  "resourceVersion", "selfLink"};
  for (auto it = metadata.begin(); it != metadata.end(); ++it) {
    const std::string& name = it.key();
    const Json& value = *it;
    if (value.is_null()) continue;
    std::optional<std::string> wrong;
    if (std::ranges::find(kTexts, name) != kTexts.end()) {
      if (!value.is_string()) wrong = cannot_unmarshal(value, name, "string");
    } else if (name == "labels" || name == "annotations") {
      wrong = mistyped_map(value, name.c_str());
    } else if (name == "finalizers" || name == "ownerReferences") {
      wrong = mistyped_list(value, name.c_str(), name == "finalizers");
    } else if (name == "creationTimestamp" || name == "deletionTimestamp") {
      if (!value.is_string() || !parse_rfc3339(value.get<std::string>()))
        wrong = cannot_unmarshal(value, name, "v1.Time");
    } else if (name == "generation" || name == "deletionGracePeriodSeconds") {
      if (!value.is_number_integer()) wrong = cannot_unmarshal(value, name, "int64");
    } else if (name == "managedFields") {
      if (!value.is_array()) wrong = cannot_unmarshal(value, name, "[]v1.ManagedFieldsEntry");
    }
    if (wrong) return wrong;
  }
  return std::nullopt;
}

}  // namespace racebed::models

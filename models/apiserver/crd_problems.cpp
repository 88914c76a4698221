#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/apiserver/crd.hpp"
#include "models/apiserver/schema_node.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

const Json& member(const Json& object, const char* name) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto it = object.find(name);
  return it == object.end() ? kNone : *it;
}

/// RFC 1035 label: what names of kinds and versions are made of.
bool is_label(std::string_view text) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 63 && letter(text.front()) && text.back() != '-' &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    const bool good = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
                      std::ranges::all_of(label, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                      });
    if (!good) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

class DefinitionCheck {
 public:
  explicit DefinitionCheck(const Json& definition)
      : definition_(definition), spec_(member(definition, "spec")) {}

  std::vector<Cause> run(const Json* old) {
    if (!spec_.is_object()) {
      require("spec");
      return std::move(causes_);
    }
    check_group_and_scope();
    check_names();
    check_versions();
    if (member(spec_, "preserveUnknownFields") == true)
      invalid("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema");
    const Json& strategy = member(member(spec_, "conversion"), "strategy");
    if (strategy != "None") unsupported("spec.conversion.strategy", strategy, R"("None")");
    if (old != nullptr) check_update(*old);
    return std::move(causes_);
  }

 private:
  void add(const char* reason, std::string field, std::string message) {
    causes_.push_back({reason, std::move(field), std::move(message)});
  }
  void require(std::string field, const char* why = "") {
    add("FieldValueRequired", std::move(field),
        std::string("Required value") + (*why != 0 ? ": " : "") + why);
  }
  void invalid(std::string field, const Json& value, std::string_view why) {
    add("FieldValueInvalid", std::move(field), fmt::format("Invalid value: {}: {}", shown_value(value), why));
  }
  void unsupported(std::string field, const Json& value, std::string_view supported) {
    add("FieldValueNotSupported", std::move(field),
        fmt::format("Unsupported value: {}: supported values: {}", shown_value(value), supported));
  }
  /// A text that is there; null otherwise, and said.
  const std::string* text(const Json& of, const char* name, const std::string& path) {
    const Json& value = member(of, name);
    if (value.is_string() && !value.get_ref<const std::string&>().empty())
      return &value.get_ref<const std::string&>();
    if (value.is_null() || value.is_string()) {
      require(path + "." + name);
    } else {
      add("FieldValueTypeInvalid", path + "." + name,
          fmt::format("Invalid value: {}: must be a string", shown_value(value)));
    }
    return nullptr;
  }

  void check_group_and_scope() {
    if (const std::string* group = text(spec_, "group", "spec")) {
      if (!is_domain(*group)) invalid("spec.group", *group, "should be a domain with at least one dot");
      check_approval(*group);
    }
    if (const std::string* scope = text(spec_, "scope", "spec");
        scope != nullptr && *scope != "Cluster" && *scope != "Namespaced")
      unsupported("spec.scope", *scope, R"("Cluster", "Namespaced")");
  }

  void check_approval(const std::string& group) {
    const bool guarded = group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") ||
                         group.ends_with(".kubernetes.io");
    if (!guarded) return;
    const Json& annotations = member(member(definition_, "metadata"), "annotations");
    if (member(annotations, "api-approved.kubernetes.io").is_null())
      require("metadata.annotations[api-approved.kubernetes.io]",
              "protected groups must have approval annotation \"api-approved.kubernetes.io\"");
  }

  void check_label(const std::string& path, const std::string& name) {
    if (is_label(name)) return;
    invalid(
        path, name,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        "alphabetic "
        "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
        "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')");
  }

  void check_names() {
    const Json& names = member(spec_, "names");
    if (!names.is_object()) return require("spec.names");
    for (const char* name : {"plural", "singular", "kind", "listKind"}) {
      const std::string* value = text(names, name, "spec.names");
      if (value != nullptr) check_label(fmt::format("spec.names.{}", name), lower(*value));
    }
    for (const char* name : {"shortNames", "categories"}) {
      const Json& list = member(names, name);
      if (list.is_null()) continue;
      if (!list.is_array()) {
        add("FieldValueTypeInvalid", fmt::format("spec.names.{}", name), "Invalid value: must be a list");
        continue;
      }
      for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string path = fmt::format("spec.names.{}[{}]", name, i);
        list[i].is_string() ? check_label(path, list[i].get<std::string>())
                            : add("FieldValueTypeInvalid", path, "Invalid value: must be a string");
      }
    }
    if (member(names, "kind").is_string() && member(names, "kind") == member(names, "listKind"))
      invalid("spec.names.listKind", member(names, "listKind"), "kind and listKind may not be the same");
    const Json& plural = member(names, "plural");
    const Json& group = member(spec_, "group");
    if (!plural.is_string() || !group.is_string()) return;
    const std::string wanted = plural.get<std::string>() + "." + group.get<std::string>();
    if (metadata_text(definition_, "name") != wanted)
      invalid("metadata.name", metadata_text(definition_, "name"),
              "must be spec.names.plural+\".\"+spec.group");
  }

  void check_versions() {
    const Json& versions = member(spec_, "versions");
    if (!versions.is_array() || versions.empty())
      return require("spec.versions", "must have at least one version");
    std::set<std::string> seen;
    int stored = 0;
    // The server works on one schema where all versions have the same, and speaks of it there.
    const auto same = [&](const char* name) {
      return std::ranges::all_of(versions,
                                 [&](const Json& v) { return member(v, name) == member(versions[0], name); });
    };
    const bool one_schema = same("schema");
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const Json& version = versions[i];
      const std::string path = fmt::format("spec.versions[{}]", i);
      if (!version.is_object()) {
        add("FieldValueTypeInvalid", path, "Invalid value: must be an object");
        continue;
      }
      if (const std::string* name = text(version, "name", path)) {
        check_label(path + ".name", *name);
        if (!seen.insert(*name).second)
          add("FieldValueDuplicate", path + ".name", "Duplicate value: " + shown_value(*name));
      }
      for (const char* flag : {"served", "storage"}) {
        if (!member(version, flag).is_boolean()) require(path + "." + flag);
      }
      stored += member(version, "storage") == true ? 1 : 0;
      check_schema_of(version,
                      one_schema ? "spec.validation.openAPIV3Schema" : path + ".schema.openAPIV3Schema", path,
                      one_schema && i > 0);
      check_subresources(member(version, "subresources"), path + ".subresources");
      check_columns(member(version, "additionalPrinterColumns"), path + ".additionalPrinterColumns");
      check_selectable(member(version, "selectableFields"), path + ".selectableFields");
    }
    if (stored != 1)
      invalid("spec.versions", versions.size(), "must have exactly one version marked as storage version");
  }

  void check_schema_of(const Json& version, const std::string& at, const std::string& path, bool checked) {
    const Json& schema = member(member(version, "schema"), "openAPIV3Schema");
    if (schema.is_null()) return require(path + ".schema.openAPIV3Schema", "schemas are required");
    if (checked) return;
    std::ranges::move(schema_problems(schema, at), std::back_inserter(causes_));
  }

  void check_subresources(const Json& subresources, const std::string& path) {
    if (subresources.is_null()) return;
    if (!subresources.is_object())
      return add("FieldValueTypeInvalid", path, "Invalid value: must be an object");
    for (const auto& [name, value] : subresources.items()) {
      const std::string at = path + "." + name;
      if (name != "status" && name != "scale") {
        add("FieldValueForbidden", at, "Forbidden: is not supported");
      } else if (!value.is_object()) {
        add("FieldValueTypeInvalid", at, "Invalid value: must be an object");
      } else if (name == "scale") {
        check_scale(value, at);
      }
    }
  }

  void check_scale(const Json& scale, const std::string& path) {
    const auto check_path = [&](const char* name, std::string_view under, bool needed) {
      if (!needed && member(scale, name).is_null()) return;
      const std::string* value = text(scale, name, path);
      if (value != nullptr && (!value->starts_with(under) || value->find('[') != std::string::npos))
        invalid(path + "." + name, *value,
                fmt::format("should be a json path under {}", under.substr(0, under.size() - 1)));
    };
    check_path("specReplicasPath", ".spec.", true);
    check_path("statusReplicasPath", ".status.", true);
    const Json& selector = member(scale, "labelSelectorPath");
    if (selector.is_null()) return;
    const bool good =
        selector.is_string() && (selector.get_ref<const std::string&>().starts_with(".spec.") ||
                                 selector.get_ref<const std::string&>().starts_with(".status."));
    if (!good)
      invalid(path + ".labelSelectorPath", selector, "should be a json path under either .status or .spec");
  }

  void check_columns(const Json& columns, const std::string& path) {
    if (columns.is_null()) return;
    if (!columns.is_array()) return add("FieldValueTypeInvalid", path, "Invalid value: must be a list");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", path, i);
      text(columns[i], "name", at);
      text(columns[i], "jsonPath", at);
      const std::string* type = text(columns[i], "type", at);
      constexpr std::array<std::string_view, 5> kTypes = {"boolean", "date", "integer", "number", "string"};
      if (type != nullptr && std::ranges::find(kTypes, *type) == kTypes.end())
        unsupported(at + ".type", *type, R"("boolean", "date", "integer", "number", "string")");
      for (const char* name : {"format", "description"}) {
        const Json& value = member(columns[i], name);
        if (!value.is_null() && !value.is_string())
          add("FieldValueTypeInvalid", at + "." + name, "Invalid value: must be a string");
      }
      const Json& priority = member(columns[i], "priority");
      if (!priority.is_null() && !priority.is_number_integer())
        add("FieldValueTypeInvalid", at + ".priority", "Invalid value: must be an integer");
    }
  }

  void check_selectable(const Json& fields, const std::string& path) {
    if (fields.is_null()) return;
    if (!fields.is_array()) return add("FieldValueTypeInvalid", path, "Invalid value: must be a list");
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", path, i);
      const std::string* value = text(fields[i], "jsonPath", at);
      if (value != nullptr && (!value->starts_with('.') || value->find('[') != std::string::npos))
        invalid(at + ".jsonPath", *value, "is an invalid path: must be a simple path");
    }
  }

  void check_update(const Json& old) {
    const Json& was = member(old, "spec");
    const bool established = !member(member(old, "status"), "acceptedNames").is_null();
    for (const char* name : {"group", "scope"}) {
      if (established && member(spec_, name) != member(was, name))
        invalid(fmt::format("spec.{}", name), member(spec_, name), "field is immutable");
    }
    const Json& names = member(spec_, "names");
    for (const char* name : {"plural", "kind"}) {
      if (established && member(names, name) != member(member(was, "names"), name))
        invalid(fmt::format("spec.names.{}", name), member(names, name), "field is immutable");
    }
    const Json& kept = member(member(definition_, "status"), "storedVersions");
    for (std::size_t i = 0; kept.is_array() && i < kept.size(); ++i) {
      const Json& versions = member(spec_, "versions");
      const bool listed = versions.is_array() && std::ranges::any_of(versions, [&](const Json& v) {
                            return member(v, "name") == kept[i];
                          });
      if (!listed)
        invalid(fmt::format("status.storedVersions[{}]", i), kept[i], "must appear in spec.versions");
    }
  }

  const Json& definition_;
  const Json& spec_;
  std::vector<Cause> causes_;
};

}  // namespace

std::vector<Cause> definition_problems(const Json& definition, const Json* old) {
  if (old != nullptr && member(definition, "spec") == member(*old, "spec") &&
      member(member(definition, "status"), "storedVersions") ==
          member(member(*old, "status"), "storedVersions")) {
    return {};
  }
  return DefinitionCheck(definition).run(old);
}

}  // namespace racebed::models

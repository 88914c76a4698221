#include "models/apiserver/openapi_v2.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "models/apiserver/openapi.hpp"
#include "models/apiserver/openapi_paths.hpp"
#include "models/apiserver/protobuf.hpp"

namespace racebed::models {
namespace {

constexpr const char* kPrefix = "#/definitions/";
// Clients ask for "...spec.v2@v1.0+protobuf", which is no media type that Go's library would read (RFC 9110
// §5.6.2).
constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

bool is_extension(std::string_view name) {
  return name.starts_with("x-");
}

/// What OpenAPI v2 knows of a structural schema; the rest (oneOf, nullable, CEL ...) is left out, as
/// kube-apiserver does.
Json reduced(const Json& schema) {
  static constexpr std::array<std::string_view, 12> kKept = {
      "$ref",      "format",  "description", "maximum",  "minimum",  "maxLength",
      "minLength", "pattern", "maxItems",    "minItems", "required", "type"};
  Json out = Json::object();
  if (!schema.is_object()) return out;
  for (const auto& [name, value] : schema.items()) {
    if (name == "properties" && value.is_object()) {
      for (const auto& [property, inner] : value.items()) out["properties"][property] = reduced(inner);
    } else if ((name == "items" || name == "additionalProperties") && value.is_object()) {
      out[name] = reduced(value);
    } else if (std::ranges::find(kKept, name) != kKept.end() ||
               (is_extension(name) && name != "x-kubernetes-validations")) {
      out[name] = value;
    }
  }
  // Within such an object a client cannot know what is right.
  if (out.value("x-kubernetes-preserve-unknown-fields", Json()) == true) out.erase("properties");
  return out;
}

Json definitions(const Registry& registry) {
  Json all = shared_definitions(kPrefix);
  for (const auto& type : registry.types()) all[definition_name(*type)] = definition_of(*type, kPrefix);
  for (Json& schema : all) schema = reduced(schema);
  return all;
}

Json paths(const Registry& registry) {
  Json all = Json::object();
  for (const auto& type : registry.types()) all.update(openapi_paths(*type, OpenApiVersion::v2));
  return all;
}

// Field numbers of gnostic's openapiv2/OpenAPIv2.proto.
namespace number {
constexpr int kSwagger = 1, kInfo = 2, kPaths = 8, kDefinitions = 9;
constexpr int kTitle = 1, kVersion = 2;
constexpr int kNamed = 1;             // Definitions.additional_properties, Properties.additional_properties
constexpr int kName = 1, kValue = 2;  // NamedSchema, NamedAny
constexpr int kYaml = 2;              // Any.yaml
constexpr int kRef = 1, kFormat = 2, kDescription = 4, kRequired = 19, kAdditionalProperties = 21, kType = 22,
              kItems = 23, kProperties = 25, kVendorExtension = 31;  // Schema
constexpr int kFirst = 1;  // the only field of TypeItem, ItemsItem; AdditionalPropertiesItem.schema
constexpr int kPath = 2;   // Paths
constexpr int kGet = 2, kPut = 3, kPost = 4, kDelete = 5, kPatch = 8;       // PathItem
constexpr int kOperationId = 5, kParameters = 8, kOperationExtension = 13;  // Operation
constexpr int kParameter = 1, kNonBody = 2, kQuery = 3;  // ParametersItem, Parameter, NonBodyParameter
constexpr int kIn = 2, kQueryDescription = 3, kQueryName = 4, kQueryType = 6;  // QueryParameterSubSchema
}  // namespace number

std::string schema_message(const Json& schema);

std::string named_schemas(const Json& schemas) {
  ProtobufWriter out;
  for (const auto& [name, schema] : schemas.items()) {
    ProtobufWriter entry;
    entry.bytes(number::kName, name);
    entry.bytes(number::kValue, schema_message(schema));
    out.bytes(number::kNamed, entry.text());
  }
  return out.text();
}

std::string single(const std::string& inner) {
  ProtobufWriter out;
  out.bytes(number::kFirst, inner);
  return out.text();
}

std::string extension(const std::string& name, const Json& value) {
  ProtobufWriter any;
  any.bytes(number::kYaml, value.dump());
  ProtobufWriter named;
  named.bytes(number::kName, name);
  named.bytes(number::kValue, any.text());
  return named.text();
}

std::string schema_message(const Json& schema) {
  ProtobufWriter out;
  const auto text = [&](const char* member, int field) {
    const auto found = schema.find(member);
    if (found != schema.end() && found->is_string()) out.bytes(field, found->get_ref<const std::string&>());
  };
  text("$ref", number::kRef);
  text("format", number::kFormat);
  text("description", number::kDescription);
  for (const auto& [name, value] : schema.items()) {
    if (name == "required" && value.is_array()) {
      for (const Json& each : value) {
        if (each.is_string()) out.bytes(number::kRequired, each.get_ref<const std::string&>());
      }
    }
    if (name == "additionalProperties")
      out.bytes(number::kAdditionalProperties, single(schema_message(value)));
    if (name == "type" && value.is_string()) out.bytes(number::kType, single(value.get<std::string>()));
    if (name == "items") out.bytes(number::kItems, single(schema_message(value)));
    if (name == "properties") out.bytes(number::kProperties, named_schemas(value));
    if (is_extension(name)) out.bytes(number::kVendorExtension, extension(name, value));
  }
  return out.text();
}

/// A parameter of the query; those of path and body say nothing that is not known.
std::string parameter_message(const Json& parameter) {
  ProtobufWriter out;
  const auto text = [&](const char* member, int field) {
    out.bytes(field, parameter[member].get_ref<const std::string&>());
  };
  text("in", number::kIn);
  text("description", number::kQueryDescription);
  text("name", number::kQueryName);
  text("type", number::kQueryType);
  std::string message = out.text();
  for (const int field : {number::kQuery, number::kNonBody, number::kParameter}) {
    ProtobufWriter outer;
    outer.bytes(field, message);
    message = outer.text();
  }
  return message;
}

std::string operation_message(const Json& operation) {
  ProtobufWriter out;
  out.bytes(number::kOperationId, operation["operationId"].get_ref<const std::string&>());
  for (const Json& parameter : operation["parameters"]) {
    if (parameter["in"] == "query") out.bytes(number::kParameters, parameter_message(parameter));
  }
  for (const auto& [name, value] : operation.items()) {
    if (is_extension(name)) out.bytes(number::kOperationExtension, extension(name, value));
  }
  return out.text();
}

std::string paths_message(const Json& all) {
  static constexpr std::pair<const char*, int> kMethods[] = {{"get", number::kGet},
                                                             {"put", number::kPut},
                                                             {"post", number::kPost},
                                                             {"delete", number::kDelete},
                                                             {"patch", number::kPatch}};
  ProtobufWriter out;
  for (const auto& [path, item] : all.items()) {
    ProtobufWriter value;
    for (const auto& [method, field] : kMethods) {
      if (item.contains(method)) value.bytes(field, operation_message(item[method]));
    }
    ProtobufWriter named;
    named.bytes(number::kName, path);
    named.bytes(number::kValue, value.text());
    out.bytes(number::kPath, named.text());
  }
  return out.text();
}

std::string document_message(const Registry& registry) {
  ProtobufWriter info;
  info.bytes(number::kTitle, "Kubernetes");
  info.bytes(number::kVersion, "racebed");
  ProtobufWriter document;
  document.bytes(number::kSwagger, "2.0");
  document.bytes(number::kInfo, info.text());
  document.bytes(number::kPaths, paths_message(paths(registry)));
  document.bytes(number::kDefinitions, named_schemas(definitions(registry)));
  return document.text();
}

}  // namespace

ApiHttpResponse openapi_v2(const Registry& registry, std::string_view accept) {
  ApiHttpResponse response;
  if (accept.find("protobuf") != std::string_view::npos) {
    response.text = document_message(registry);
    response.headers.emplace_back("Content-Type", kProtobuf);
    return response;
  }
  response.body =
      std::make_shared<const Json>(Json{{"swagger", "2.0"},
                                        {"info", {{"title", "Kubernetes"}, {"version", "racebed"}}},
                                        {"paths", paths(registry)},
                                        {"definitions", definitions(registry)}});
  return response;
}

}  // namespace racebed::models

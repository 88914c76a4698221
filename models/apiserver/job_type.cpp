#include "models/apiserver/job_type.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "models/apiserver/builtin_resources.hpp"
#include "models/apiserver/builtin_schemas.hpp"
#include "models/apiserver/json_body.hpp"
#include "models/apiserver/schema.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

const Json& member(const Json& object, const char* name) {
  static const Json kNone = nullptr;
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found != object.end() ? *found : kNone;
}

class Causes {
 public:
  void required(const std::string& field, const std::string& why = {}) {
    add("FieldValueRequired", field, "Required value" + (why.empty() ? "" : ": " + why));
  }
  void invalid(const std::string& field, const Json& value, const char* why) {
    add("FieldValueInvalid", field, fmt::format("Invalid value: {}: {}", value.dump(), why));
  }
  void not_supported(const std::string& field, const Json& value, const char* supported) {
    add("FieldValueNotSupported", field,
        fmt::format("Unsupported value: {}: supported values: {}", value.dump(), supported));
  }
  void not_found(const std::string& field, const std::string& value) {
    add("FieldValueNotFound", field, fmt::format("Not found: \"{}\"", value));
  }
  std::vector<Cause> take() { return std::move(causes_); }

 private:
  void add(const char* reason, const std::string& field, std::string message) {
    causes_.push_back({reason, field, std::move(message)});
  }
  std::vector<Cause> causes_;
};

std::set<std::string> volume_names(const Json& pod) {
  std::set<std::string> names;
  for (const Json& volume : member(pod, "volumes")) names.insert(text_member(volume, "name"));
  return names;
}

void check_container(const Json& container, const std::set<std::string>& volumes, const std::string& field,
                     Causes& causes) {
  for (const char* name : {"name", "image"}) {
    if (text_member(container, name).empty()) causes.required(field + "." + name);
  }
  std::size_t i = 0;
  for (const Json& mount : member(container, "volumeMounts")) {
    const std::string at = fmt::format("{}.volumeMounts[{}]", field, i++);
    const std::string name = text_member(mount, "name");
    if (name.empty()) {
      causes.required(at + ".name");
    } else if (!volumes.contains(name)) {
      causes.not_found(at + ".name", name);
    }
    if (text_member(mount, "mountPath").empty()) causes.required(at + ".mountPath");
  }
}

void check_pod(const Json& pod, Causes& causes) {
  const std::string field = "spec.template.spec";
  const Json& containers = member(pod, "containers");
  if (containers.empty()) causes.required(field + ".containers");
  const std::set<std::string> volumes = volume_names(pod);
  for (const char* list : {"initContainers", "containers"}) {
    std::size_t i = 0;
    for (const Json& container : member(pod, list))
      check_container(container, volumes, fmt::format("{}.{}[{}]", field, list, i++), causes);
  }
  const std::string restart = text_member(pod, "restartPolicy");
  if (restart != "OnFailure" && restart != "Never")
    causes.required(field + ".restartPolicy", R"(valid values: "OnFailure", "Never")");
}

/// What a Job is made of does not change; how fast it runs does.
void check_unchanged(const Json& spec, const Json& old, Causes& causes) {
  for (const char* name : {"completions", "completionMode", "selector", "template", "backoffLimitPerIndex"}) {
    if (member(spec, name) != member(old, name))
      causes.invalid(std::string("spec.") + name, member(spec, name), "field is immutable");
  }
}

/// pkg/apis/batch/validation, of the fields that the schema names.
std::vector<Cause> validate_job(const Json& job, const Json* old) {
  Causes causes;
  const Json& spec = member(job, "spec");
  for (const char* name : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                           "backoffLimitPerIndex", "maxFailedIndexes", "ttlSecondsAfterFinished"}) {
    const Json& value = member(spec, name);
    if (value.is_number() && value < 0)
      causes.invalid(std::string("spec.") + name, value, "must be greater than or equal to 0");
  }
  const std::string mode = text_member(spec, "completionMode");
  if (mode == "Indexed" && member(spec, "completions").is_null())
    causes.required("spec.completions", "when completion mode is Indexed");
  if (!mode.empty() && mode != "Indexed" && mode != "NonIndexed")
    causes.not_supported("spec.completionMode", mode, R"("NonIndexed", "Indexed")");
  check_pod(member(member(spec, "template"), "spec"), causes);
  if (old != nullptr) check_unchanged(spec, member(*old, "spec"), causes);
  return causes.take();
}

/// What depends on other members, beside the schema's own defaults: one pod, once, unless said otherwise.
void complete_job(Json& job) {
  if (!job["spec"].is_object()) job["spec"] = Json::object();
  Json& spec = job["spec"];
  const bool indexed = text_member(spec, "completionMode") == "Indexed";
  if (!indexed && !spec.contains("completions") && !spec.contains("parallelism")) spec["completions"] = 1;
  if (!spec.contains("parallelism")) spec["parallelism"] = 1;
  // A limit for each index takes the place of the limit of all.
  if (!spec.contains("backoffLimit"))
    spec["backoffLimit"] = spec.contains("backoffLimitPerIndex") ? 2147483647 : 6;
  const Json& labels = member(member(member(spec, "template"), "metadata"), "labels");
  if (labels.is_object() && !labels.empty() && !job["metadata"].contains("labels"))
    job["metadata"]["labels"] = labels;
}

}  // namespace

ResourceType job_type() {
  ResourceType type{.group = "batch",
                    .version = "v1",
                    .plural = "jobs",
                    .singular = "job",
                    .kind = "Job",
                    .categories = {"all"},
                    .has_status = true,
                    .has_generation = true,
                    .unconditional_update = true,
                    .complete = complete_job,
                    .validate = validate_job};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  type.default_and_prune = [schema = std::make_shared<const Schema>(*type.openapi, true)](Json& object) {
    schema->prune(object);
    schema->apply_defaults(object);
  };
  return type;
}

}  // namespace racebed::models

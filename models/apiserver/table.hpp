// Objects as kubectl prints them: Table (meta.k8s.io), with the columns of the built-in kinds or those of a
// CustomResourceDefinition (kubernetes.md §1.17; recorded case get-as-table).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/apiserver/resource.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct TableOptions {
  std::string version = "v1";  // of meta.k8s.io
  /// What a row holds of its object.
  enum class Include { none, metadata, object } include = Include::metadata;
  bool columns = true;  // false: the definitions are left out, as in a watch after its first event
};

/// `metadata` is the list's, or null: then the only object's resourceVersion is all of it. Ages are as of
/// `now`.
Json table(const ResourceType& type, std::span<const JsonPtr> objects, const Json& metadata, Time now,
           const TableOptions& options);

/// The object without anything but its metadata: PartialObjectMetadata.
Json partial_metadata(const Json& object, std::string_view version = "v1");

/// "0s", "119s", "5m30s", "3h", "47h", "12d", "3y200d": as kubectl shows ages (apimachinery, HumanDuration).
std::string human_duration(Duration duration);

}  // namespace racebed::models

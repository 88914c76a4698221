// What the server knows of a kind of object: its names, and the rules that differ between kinds. Built-in
// kinds and, later, CustomResourceDefinitions register themselves the same way.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

struct Cause;
struct NotificationTypeOptions;

/// A column of the table that kubectl prints (apiextensions v1, additionalPrinterColumns).
struct PrinterColumn {
  std::string name{};
  std::string type{};  // "string", "integer", "number", "boolean", "date"
  std::string format{};
  std::string description{};
  std::string json_path{};  // ".spec.replicas"
  int priority = 0;         // above 0: only in the wide form
};

struct ResourceType {
  std::string group{};  // empty: the core group
  std::string version{};
  std::string plural{};
  std::string singular{};
  std::string kind{};
  std::vector<std::string> short_names{};
  std::vector<std::string> categories{};         // "all" ...
  std::vector<PrinterColumn> columns{};          // beside the name; empty: the age alone
  std::vector<std::string> selectable_fields{};  // of a custom resource: ".spec.color", for field selectors
  std::shared_ptr<const Json>
      openapi{};                       // the schema of a whole object, for `kubectl explain`; null: unknown
  std::string storage_version_hash{};  // in discovery; opaque
  bool namespaced = true;
  bool custom = false;                // a CustomResourceDefinition's
  bool has_status = false;            // the status subresource is on
  bool has_generation = false;        // metadata.generation is kept
  bool unconditional_update = false;  // PUT without a resourceVersion takes the latest
  bool create_on_update = false;      // PUT to an absent name creates
  /// What the server adds to a new object of this kind. Null: nothing.
  std::function<void(Json& object)> complete{};
  /// Fills in defaults and removes what the schema does not know. Null: nothing to do.
  std::function<void(Json& object)> default_and_prune{};
  /// The violations of `object`; `old` is null on create.
  std::function<std::vector<Cause>(const Json& object, const Json* old)> validate{};

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// "notificationrequests.notification.kubernaut.ai", "configmaps".
  std::string qualified() const { return group.empty() ? plural : plural + "." + group; }
  std::string list_kind() const { return kind + "List"; }
};

class Registry {
 public:
  void add(ResourceType type) { types_.push_back(std::make_unique<ResourceType>(std::move(type))); }
  /// Null if there is none.
  const ResourceType* find(std::string_view group, std::string_view version, std::string_view plural) const;

  const std::vector<std::unique_ptr<ResourceType>>& types() const { return types_; }

 private:
  std::vector<std::unique_ptr<ResourceType>> types_;
};

/// The order in which clients should prefer versions: "v1" before "v2beta1" before "v1alpha1".
bool version_precedes(std::string_view a, std::string_view b);

/// Namespace, ConfigMap, Secret, Lease, Event, and NotificationRequest (notification.md part B.1 with A1's
/// additions).
Registry builtin_resources();
Registry builtin_resources(const NotificationTypeOptions& notification);

}  // namespace racebed::models

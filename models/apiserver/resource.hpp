// What the server knows of a kind of object: its names, and the rules that differ between kinds. Built-in
// kinds and CustomResourceDefinitions register themselves the same way; the latter come, change and go while
// the server runs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
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

/// Where the scale subresource finds its numbers (apiextensions v1, CustomResourceSubresourceScale).
struct ScalePaths {
  std::string spec_replicas{};  // ".spec.replicas"
  std::string status_replicas{};
  std::string label_selector{};  // empty: none
};

struct ResourceType {
  std::string group{};  // empty: the core group
  std::string version{};
  std::string plural{};
  std::string singular{};
  std::string kind{};
  std::string list_kind_name{};  // empty: the kind and "List"
  std::vector<std::string> short_names{};
  std::vector<std::string> categories{};         // "all" ...
  std::vector<PrinterColumn> columns{};          // beside the name; empty: the age alone
  std::vector<std::string> selectable_fields{};  // of a custom resource: ".spec.color", for field selectors
  std::shared_ptr<const Json>
      openapi{};                       // the schema of a whole object, for `kubectl explain`; null: unknown
  std::string storage_version_hash{};  // in discovery; opaque
  std::optional<ScalePaths> scale{};   // nothing: no scale subresource
  std::string definition{};            // which state of which CustomResourceDefinition this is; empty: none
  std::string create_not_allowed{};    // not empty: why a create is refused with 405 for now
  bool served = true;                  // false: kept under this version, but not shown in it
  /// The version under which the objects are kept, when that is another; null when it is this one.
  const ResourceType* storage = nullptr;
  bool namespaced = true;
  bool custom = false;                // a CustomResourceDefinition's
  bool has_status = false;            // the status subresource is on
  bool has_generation = false;        // metadata.generation is kept
  bool unconditional_update = false;  // PUT without a resourceVersion takes the latest
  bool create_on_update = false;      // PUT to an absent name creates
  /// What the server adds to a new object of this kind. Null: nothing.
  std::function<void(Json& object)> complete{};
  /// What the server does to an object that is written anew. Null: nothing.
  std::function<void(Json& object)> complete_update{};
  /// Fills in defaults and removes what the schema does not know. Null: nothing to do.
  std::function<void(Json& object)> default_and_prune{};
  /// The violations of `object`; `old` is null on create.
  std::function<std::vector<Cause>(const Json& object, const Json* old)> validate{};
  /// What is wrong with the types of the object's own members: a typed server cannot even decode such a
  /// request. "" if nothing. Null: nothing ever is.
  std::function<std::string(const Json& object)> mistyped{};
  /// Appends the paths of the members that the kind does not know: "spec.foo", "spec.ports[0].bar". Null: it
  /// is not asked.
  std::function<void(const Json& object, std::vector<std::string>& paths)> unknown_fields{};
  /// What a DELETE adds to the object, finalizers too, before it looks at its finalizers. Not called for an
  /// object that is already being deleted. Null: nothing.
  std::function<void(Json& object, const std::string& now)> before_delete{};
  /// Between the version that is kept and this one, in place. Null where they do not differ.
  std::function<void(Json& object)> from_storage{};
  std::function<void(Json& object)> to_storage{};

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// "notificationrequests.notification.kubernaut.ai", "configmaps".
  std::string qualified() const { return group.empty() ? plural : plural + "." + group; }
  std::string list_kind() const { return list_kind_name.empty() ? kind + "List" : list_kind_name; }
  /// What the store and the caches know the kind by: one and the same for all of its versions, for good.
  const ResourceType& stored() const { return storage != nullptr ? *storage : *this; }
  /// An object as the store has it, shown in this version; the same one where nothing differs.
  JsonPtr shown(const JsonPtr& stored_object) const;
};

/// The kinds that are served. Addresses of types stay valid for as long as the registry lives: a kind that is
/// served anew changes in place, and one that is withdrawn is only no longer found.
class Registry {
 public:
  Registry() = default;
  Registry(Registry&&) = default;  // not copied: two of them would share their types
  Registry& operator=(Registry&&) = default;

  /// A kind with one version.
  void add(ResourceType type);
  /// A kind with some versions over one storage; the first is the one that is kept. Replaces what was served
  /// under the same group and plural. Requires: not empty, and all of one group and plural.
  void serve(std::vector<ResourceType> versions);
  /// A kind of another group that shows the objects of `kept`, a type of this registry, which stays.
  void add_view(ResourceType type, const ResourceType& kept);
  void withdraw(std::string_view group, std::string_view plural);

  /// Null if there is none.
  const ResourceType* find(std::string_view group, std::string_view version, std::string_view plural) const;
  /// The version under which objects are kept, whether or not it is served; null if the kind is not.
  const ResourceType* stored(std::string_view group, std::string_view plural) const;

  /// Whatever is served, in the order of its first registration; of one kind the preferred version first.
  const std::vector<std::shared_ptr<const ResourceType>>& types() const { return types_; }
  /// Grows with every change: what was made from the types is good as long as this is the same.
  std::uint64_t version() const { return version_; }

 private:
  struct Resource {
    std::string group{};
    std::string plural{};
    std::vector<std::shared_ptr<ResourceType>> slots{};  // the first is the one that is kept; some are unused
    std::size_t used = 0;
  };
  Resource& resource(const std::string& group, const std::string& plural);
  void list_anew();

  std::vector<Resource> resources_;
  std::vector<std::shared_ptr<const ResourceType>> types_;
  std::map<std::tuple<std::string, std::string, std::string>, const ResourceType*, std::less<>> index_;
  std::uint64_t version_ = 1;
};

/// The order in which clients should prefer versions: "v1" before "v2beta1" before "v1alpha1".
bool version_precedes(std::string_view a, std::string_view b);

/// Namespace, ConfigMap, Secret, Lease, Event, and NotificationRequest (notification.md part B.1 with A1's
/// additions).
Registry builtin_resources();
Registry builtin_resources(const NotificationTypeOptions& notification);

/// The same for many registries: their schemas are read and compiled once, and shared.
class BuiltinKinds {
 public:
  explicit BuiltinKinds(const NotificationTypeOptions& notification);
  Registry registry() const;

 private:
  std::vector<ResourceType> kinds_;
  ResourceType event_view_;
};

}  // namespace racebed::models

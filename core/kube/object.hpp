// A Kubernetes object as client machinery sees it: shared immutable JSON with cheap accessors. Copying an
// Object copies a pointer; nobody can change what others see. A changed object is made from a copy of the
// JSON.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/kube/api_transport.hpp"
#include "runtime/time.hpp"

namespace racebed::kube {

/// Namespace and name. Says nothing of the incarnation: an object and the one re-created under its name share
/// it.
struct ObjectKey {
  std::string ns;  // empty for cluster-scoped objects
  std::string name;
  std::string text() const { return ns.empty() ? name : ns + "/" + name; }
  friend bool operator==(const ObjectKey&, const ObjectKey&) = default;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

/// Views that accessors return live as long as some copy of the Object (or its json_ptr()) does. Accessors of
/// a null Object, and of members that are absent or of the wrong type, return the empty value.
class Object {
 public:
  Object() = default;
  /// `json` may be a member of a larger shared document (aliasing pointer); it then keeps all of that alive.
  explicit Object(JsonPtr json);
  /// Takes ownership of a JSON value.
  static Object make(Json json);

  explicit operator bool() const { return json_ != nullptr; }
  /// Requires a non-null Object.
  const Json& json() const { return *json_; }
  const JsonPtr& json_ptr() const { return json_; }

  std::string_view api_version() const;
  std::string_view kind() const;
  std::string_view name() const;
  std::string_view ns() const;
  std::string_view uid() const;
  std::string_view resource_version() const;
  std::int64_t generation() const;
  std::optional<Time> creation_timestamp() const;
  std::optional<Time> deletion_timestamp() const;
  bool is_deleting() const;
  std::optional<std::string_view> label(std::string_view name) const;
  std::optional<std::string_view> annotation(std::string_view name) const;
  ObjectKey key() const;

  /// A member of the object's top level ("spec", "status"), or null when absent. Points into json().
  const Json* find(std::string_view member) const;

  /// A deep copy of the JSON, to be changed and wrapped again with make().
  Json copy() const;
  /// The same object with `status` replaced; the old status is not copied.
  Object with_status(Json status) const;
  /// What a write to the status subresource needs and no more: apiVersion, kind, metadata {name, namespace,
  /// uid, resourceVersion} and `status`. The server takes everything else from the stored object
  /// (apiextensions status strategy), and checks uid and resourceVersion, so the write hits this very version
  /// or fails with a conflict.
  Object status_write(Json status) const;

 private:
  std::string_view text(std::string_view member) const;
  JsonPtr json_;
  const Json* metadata_ = nullptr;  // inside *json_; null when there is none
};

}  // namespace racebed::kube

// The kinds that CustomResourceDefinitions define: served when their names are accepted, served anew when
// the document changes, emptied and withdrawn when it goes. What apiextensions-apiserver's naming,
// establishing and finalizing controllers do (kubernetes.md §1.12), each in its own commits, directly after
// the write that gave them cause; so that nobody sees a definition that waits for them.
#pragma once

#include <string>

#include "models/apiserver/resource.hpp"
#include "models/apiserver/store.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

class Definitions {
 public:
  /// All must outlive it. It keeps nothing of its own: several over one store and registry agree.
  Definitions(Runtime& runtime, Store& store, Registry& registry)
      : runtime_(runtime), store_(store), registry_(registry) {}

  /// To be called after each write of an object of the kind.
  void settle(const ResourceType& written);
  /// Follows every definition that there is, as a server that starts.
  void settle_all();

 private:
  const ResourceType& kind() const;
  void follow(const std::string& name);
  JsonPtr accept_names(const JsonPtr& definition);
  std::string names_conflict(const Json& definition) const;
  void serve(const Json& definition);
  void clean_up(const JsonPtr& definition);
  void remove_objects(const ResourceType& type);
  void withdraw_orphans();
  JsonPtr put(Json definition);
  std::string now_text() const;

  Runtime& runtime_;
  Store& store_;
  Registry& registry_;
};

}  // namespace racebed::models

// The writes: create, update, patch, delete, each in the order of checks of a real kube-apiserver
// (kubernetes.md §1.5 to §1.9; recorded cases create-*, update-*, status-*, *-patch-*, delete-*).
// Synchronous: a write commits or is refused within one call.
#pragma once

#include "models/apiserver/http.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

class Writes {
 public:
  Writes(Runtime& runtime, Store& store, const Registry& registry)
      : runtime_(runtime), store_(store), registry_(registry) {}

  ApiHttpResponse create(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse update(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse patch(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse remove(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse remove_collection(const ApiHttpRequest& request, const Target& target);

 private:
  using Outcome = Result<JsonPtr, Refusal>;
  /// The body as an object of the target's type, in its namespace. Held by pointer because a Json can be made
  /// of anything, a Refusal included.
  Result<std::unique_ptr<Json>, Refusal> decode(const ApiHttpRequest& request, const Target& target) const;
  Outcome insert(const ApiHttpRequest& request, const Target& target, Json object, bool dry_run);
  /// What an update and a patch end in: `desired` replaces `current` under the rules of the endpoint.
  Outcome replace(const ApiHttpRequest& request, const Target& target, const JsonPtr& current, Json desired);
  Outcome remove_one(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                     const Json& options);
  std::string now_text() const;

  Runtime& runtime_;
  Store& store_;
  const Registry& registry_;
};

}  // namespace racebed::models

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

struct JsonBody;
struct WrittenObject;

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
  Outcome insert(const ApiHttpRequest& request, const Target& target, Json object);
  /// What keeps a namespace from taking new objects, if anything.
  std::optional<Refusal> namespace_problem(const ResourceType& type, const Target& target,
                                           const std::string& name) const;
  std::string generated_name(const std::string& prefix);
  /// `current` with the request's change applied to it.
  Result<std::unique_ptr<JsonBody>, Refusal> patched(const ApiHttpRequest& request,
                                                     const JsonPtr& current) const;
  /// PUT to a namespace's finalize: takes spec.finalizers over; the last one gone, a terminating namespace
  /// goes.
  Outcome finalize(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                   const Json& desired);
  /// What an update and a patch end in: `desired` replaces `current` under the rules of the endpoint.
  Outcome replace(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                  WrittenObject& desired);
  Outcome replace_status(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                         const Json& desired);
  struct DeleteOptions;
  Result<std::unique_ptr<DeleteOptions>, Refusal> delete_options(const ApiHttpRequest& request,
                                                                 const Target& target) const;
  Outcome remove_one(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                     const DeleteOptions& options);
  std::string now_text() const;

  Runtime& runtime_;
  Store& store_;
  const Registry& registry_;
};

}  // namespace racebed::models

// What a write asks for, checked before anything is looked up: its options, and its body as an object of the
// right kind (kubernetes.md §1.5 to §1.7; apimachinery, ValidateCreateOptions and the like).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/apiserver/http.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/target.hpp"

namespace racebed::models {

/// What is wrong with dryRun, fieldManager and fieldValidation, if anything. `kind`: "CreateOptions" ...
std::optional<Refusal> check_write_options(const Target& target, const char* kind);

/// The body, once it is an object of the target's kind, in its namespace. The sender's own object where
/// nothing in it had to change: it is copied only when it is taken.
struct WrittenObject {
  JsonPtr shared{};  // null: it is `own`
  Json own{};
  std::vector<std::string>
      warnings{};  // "unknown field \"spec.foo\"": unless they were to be errors or ignored

  const Json& object() const { return shared != nullptr ? *shared : own; }
  /// The object, to be changed, without `leave_out` ("": whole). Once only.
  Json take(std::string_view leave_out = {});
};
/// A copy of an object without one of its members.
Json copy_without(const Json& object, std::string_view member);

/// Held by pointer because a Json can be made of anything, a Refusal included.
Result<std::unique_ptr<WrittenObject>, Refusal> written_object(const ApiHttpRequest& request,
                                                               const Target& target);

/// What is wrong with the types of an object's members: metadata's, and a built-in kind's own. "" if nothing.
/// Members of metadata that are null are taken out.
std::string mistyped(const ResourceType& type, Json& object);

struct JsonBody;
/// What fieldValidation makes of unknown fields and of keys that came twice: nothing, warnings, or the
/// refusal of a patch (its result is `patched`; apiserver, jsonPatcher).
Result<std::vector<std::string>, Refusal> strictly_patched(const Target& target, const JsonBody& patched);

/// As headers (RFC 9110 §5.6.4, RFC 7234's code 299).
void add_warnings(ApiHttpResponse& response, const std::vector<std::string>& warnings);

}  // namespace racebed::models

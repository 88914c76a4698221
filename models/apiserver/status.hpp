// Refusals: the exact `Status` bodies that Kubernetes clients match on (API conventions, "Response Status
// Kind").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

struct Cause {
  std::string reason;  // "FieldValueRequired" ...
  std::string field;
  std::string message;  // without the field
};

struct Refusal {
  int code = 500;
  std::string reason{};  // may be empty
  std::string message{};
  std::string name{};
  std::string group{};
  std::string kind{};  // usually the plural resource name
  std::string uid{};
  std::vector<Cause> causes{};
  int retry_after_seconds = 0;
  bool details = true;         // false: no details at all
  bool empty_details = false;  // details are there even if nothing is in them

  JsonPtr body() const;
  ApiHttpResponse response() const;
};

Refusal not_found(const ResourceType& type, std::string_view name);
Refusal already_exists(const ResourceType& type, std::string_view name, bool being_deleted);
Refusal conflict(const ResourceType& type, std::string_view name, std::string_view why);
Refusal modified(const ResourceType& type, std::string_view name);
Refusal bad_request(std::string message);
Refusal method_not_allowed(const ResourceType& type, std::string_view verb);
/// 422. `kind` is the type's kind, as the server has it there.
Refusal invalid(const ResourceType& type, std::string_view name, std::vector<Cause> causes);
/// The same under another name for the kind: what the client sent, or, here and there, the resource's.
Refusal invalid_as(const ResourceType& type, std::string_view kind, std::string_view name,
                   std::vector<Cause> causes);
Refusal unsupported_media_type(bool custom_resource);
Refusal expired(std::string message);

}  // namespace racebed::models

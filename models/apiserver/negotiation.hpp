// In which form a client wants its answer, and bringing the answer into it: objects, tables, or metadata
// alone (Kubernetes API concepts, "Alternate representations of resources"; kubernetes.md §1.17).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/apiserver/http.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/table.hpp"
#include "models/apiserver/target.hpp"

namespace racebed::models {

struct AnswerShape {
  enum class As { object, table, partial } as = As::object;
  std::string version = "v1";  // of meta.k8s.io, for tables and metadata
};

/// The first form in the Accept header that we have (empty: objects); nothing when we have none (406).
std::optional<AnswerShape> answer_shape(std::string_view accept);
Refusal not_acceptable();

/// The answer to a request for `target`, which gave objects, in the wanted form. Refusals stay what they are.
/// A watch's events are brought into the form one by one; `clock` must outlive it.
ApiHttpResponse in_shape(ApiHttpResponse response, const AnswerShape& shape, const Target& target,
                         const Clock& clock);

}  // namespace racebed::models

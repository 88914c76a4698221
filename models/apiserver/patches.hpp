// Changes to a document as clients send them: JSON patch (RFC 6902), JSON merge patch (RFC 7386), and
// Kubernetes' strategic merge patch for built-in kinds (kubernetes.md §1.7). Pure: a document and a change
// give a document.
#pragma once

#include <optional>
#include <string>

#include "models/ledger/fact.hpp"

namespace racebed::models {

/// At most so many operations in one JSON patch.
inline constexpr std::size_t kJsonPatchOperationsMax = 10'000;

enum class PatchProblem {
  malformed,      // no patch at all: 400
  not_applicable  // a path is missing, a test failed, copies grew without bound: 422
};

/// Applies the operations in order; on failure `document` is of no use any more.
std::optional<PatchProblem> apply_json_patch(Json& document, const Json& operations);

/// Null removes; objects merge; all else is replaced.
void apply_merge_patch(Json& document, const Json& change);

/// The same with Kubernetes' directives ($patch, $retainKeys, $setElementOrder/x,
/// $deleteFromPrimitiveList/x), and with the lists of ObjectMeta that merge: ownerReferences by uid,
/// finalizers by value; conditions by type.
std::optional<PatchProblem> apply_strategic_merge_patch(Json& document, const Json& change);

}  // namespace racebed::models

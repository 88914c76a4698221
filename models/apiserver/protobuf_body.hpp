// Bodies in Kubernetes' Protocol Buffers, which clients with built-in types send (kubectl since 1.32: `create
// configmap`, `create namespace`): read into the same JSON as would have come otherwise. Answers are JSON;
// such clients take both.
#pragma once

#include <optional>
#include <string_view>

#include "models/ledger/fact.hpp"

namespace racebed::models {

inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

/// The object in `body`: "k8s\0" and a runtime.Unknown around it. Fields that we do not know are left out,
/// text that is no UTF-8 is replaced. Nothing when it is broken, or of a kind that has no Protocol Buffers
/// here: a custom resource has none anywhere.
std::optional<Json> json_of_protobuf(std::string_view body);

}  // namespace racebed::models

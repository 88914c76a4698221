// OpenAPI v3 documents of what is served: what kubectl validates with and explains from (kubernetes.md
// §1.17).
#pragma once

#include <string>
#include <string_view>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// GET /openapi/v3: a document for each group and version.
ApiHttpResponse openapi_v3_index(const Registry& registry);
/// GET /openapi/v3/`which`: "api/v1", "apis/GROUP/VERSION". 404 when there is no such group.
ApiHttpResponse openapi_v3(const Registry& registry, std::string_view which);

/// "io.k8s.api.core.v1.ConfigMap", "ai.kubernaut.notification.v1alpha1.NotificationRequest": as
/// kube-apiserver names schemas.
std::string definition_name(const ResourceType& type);
/// The schema of a whole object, complete with apiVersion, kind, metadata and
/// x-kubernetes-group-version-kind. `$ref`s go to `prefix` and a name of shared_definitions().
Json definition_of(const ResourceType& type, const std::string& prefix);
/// ObjectMeta and what else the definitions refer to.
Json shared_definitions(const std::string& prefix);

}  // namespace racebed::models

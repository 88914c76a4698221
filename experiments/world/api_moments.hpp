// Which object a request is about, as far as a bystander can tell: for the moments in passing that the
// message transport tells the ledger of.
#pragma once

#include <string_view>

#include "core/kube/api_transport.hpp"
#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// From the path of a target: "/apis/<group>/<version>/namespaces/<ns>/<resource>/<name>" and the like. What
/// it does not name stays empty, and all of it if it is no path of objects.
models::ObjectRef object_of_target(std::string_view target);

/// The same, with name and uid out of `body` where it has them. `body` may be null.
models::ObjectRef object_of(std::string_view target, const kube::JsonPtr& body);

}  // namespace racebed::experiments

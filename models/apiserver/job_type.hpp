// batch/v1 Job, for whoever wants to see a Job's manifest accepted or refused: its schema, the server's
// defaults and its rules (kube-apiserver 1.30). Nothing runs it: its status stays empty, and the selector and
// labels that a cluster makes from the Job's uid, to find its pods, are not made.
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// Of a pod the members of containers, volumes and what stands beside them are known by name; below that
/// (probes, affinity, security contexts ...) everything is taken as it comes.
ResourceType job_type();

}  // namespace racebed::models

// The schema of batch/v1 Job, in JSON, with the defaults that do not depend on other members. Apart from the
// other built-in kinds', since most of it is a pod's.
#pragma once

#include "models/ledger/fact.hpp"

namespace racebed::models {

Json job_schema();

}  // namespace racebed::models

// The real core: core/notification, configured by the scenario.
#pragma once

#include "experiments/subjects/subject.hpp"

namespace racebed::experiments {

const Subject& notification();

}  // namespace racebed::experiments

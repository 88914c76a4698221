// The historical controller of 2025-11 (notification.md part D.1), rebuilt step by step with its defects:
// every read before a delivery comes from the informer's cache, status writes overwrite whatever they find,
// and what could not be written is forgotten. Numbers in comments are the steps of that part.
#pragma once

#include "experiments/subjects/subject.hpp"

namespace racebed::experiments {

const Subject& notification_2025_11();

}  // namespace racebed::experiments

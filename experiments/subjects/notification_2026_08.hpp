// The historical controller of 2026-08 (notification.md part D.2), rebuilt step by step. Numbers in comments
// are the steps of that part. How its world maps to ours:
// - Group, version and lower-case enums are ours. spec.channels stands for what routing resolves to: the list
//   as it stands, so a channel listed twice comes twice. Recipients and metadata stay as they are.
// - deliveryAttempts have channel, attempt, timestamp (whole seconds), status, error, durationSeconds;
//   phase Retrying is written as it is.
// - A read replaces all that is held of an object; a write sends its resourceVersion and uid.
// - A call of the API is given up after 30 s, which stands for what HTTP/2's pings find out.
// - Errors of the HTTP client read as Go's, with the host's name where Go prints addresses and ports.
// - Slack is its webhook and nothing else, also where the scenario offers the Web API.
// - One reconcile at a time unless the scenario names a number of workers; the leader's lease is kept at the
//   end; the cache sees the controller's own namespace.
// - Kubernetes Events go through our recorder, which aggregates equal ones and has no spam filter.
#pragma once

#include "experiments/subjects/subject.hpp"

namespace racebed::experiments {

const Subject& notification_2026_08();

}  // namespace racebed::experiments

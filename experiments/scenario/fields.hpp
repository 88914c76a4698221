// The one table of what a scenario can say: every key with its meaning, range and place. Parsing, --set,
// printing, the published JSON schema and the reference page all walk it; there is no second list.
#pragma once

#include <string_view>
#include <vector>

#include "experiments/scenario/scenario.hpp"

namespace racebed::experiments {

/// What a text may be; empty: anything.
using Words = std::vector<std::string_view>;
/// What an integer may be.
struct Bounds {
  std::uint64_t min = 0;
  std::uint64_t max = 1'000'000;
};

// Each `fields` calls v(key, member, meaning[, words or bounds]) for the members of a struct, in the order in
// which a file is best written.

template <class V>
void fields(V& v, DurationRange& o) {
  v("min", o.min, "the shortest that is drawn");
  v("max", o.max, "the longest that is drawn");
}

template <class V>
void fields(V& v, WorldOptions& o) {
  v("time_limit", o.time_limit, "virtual time after which a run that has not settled ends");
  v("replicas", o.replicas, "controller processes", Bounds{1, 16});
  v("api_latency", o.api_latency, "between a process and the API server, each way, drawn per message");
  v("watch_lag", o.watch_lag,
    "how long after its commit a change reaches the API server's watch cache, drawn per change");
  v("slack_tls", o.slack_tls, "real TLS between controller and Slack; false: plain HTTP, for speed");
  v("slack_api", o.slack_api, "how Slack is addressed; only the Web API can be asked for its history",
    Words{"web-api", "webhook"});
  v("slack_certificate", o.slack_certificate, "the chain that Slack presents",
    Words{"good", "expired", "not-yet-valid", "wrong-host", "self-signed", "unknown-authority",
          "expired-intermediate", "missing-intermediate"});
  v("slack_think", o.slack_think, "from a request's last byte to the acceptance of its message, drawn");
  v("restart_delay", o.restart_delay, "from a controller's end to its next life; 0s: it stays dead");
}

template <class V>
void fields(V& v, SubjectOptions& o) {
  v("name", o.name, "the system under test; `racebed list` names them");
  v("guarantee", o.guarantee,
    "what delivery declares; default: probe where the channel can be asked, else at-least-once",
    Words{"default", "at-least-once", "at-most-once", "probe"});
  v("tls", o.tls, "a certificate failure ends the notification, or is retried", Words{"fail-fast", "retry"});
  v("leader_election", o.leader_election, "replicas elect a leader by lease");
  v("workers", o.workers, "reconciles at a time (notification-2025-11 always has 1)", Bounds{1, 64});
}

template <class V>
void fields(V& v, WorkloadOptions& o) {
  v("kind", o.kind,
    "create: notifications of different names; create-delete-create: incarnations of one name, one after the "
    "other",
    Words{"create", "create-delete-create"});
  v("count", o.count, "create: how many notifications", Bounds{1, 10'000});
  v("spacing", o.spacing, "create: between two creations, drawn");
  v("cycles", o.cycles, "create-delete-create: how many incarnations; the last one stays", Bounds{1, 1'000});
  v("delete_moment", o.delete_moment,
    "create-delete-create: when an incarnation is deleted; drawn: one of the others",
    Words{"drawn", "before", "during", "after"});
  v("gap", o.gap, "create-delete-create: between a deletion and the next creation, drawn");
  v("channels", o.channels, "spec.channels of each notification",
    Words{"console", "slack", "file", "log", "email"});
  v("max_attempts", o.max_attempts, "spec.retryPolicy.maxAttempts", Bounds{1, 10});
  v("initial_backoff_seconds", o.initial_backoff_seconds, "spec.retryPolicy.initialBackoffSeconds",
    Bounds{1, 300});
  v("max_backoff_seconds", o.max_backoff_seconds, "spec.retryPolicy.maxBackoffSeconds", Bounds{60, 3600});
}

template <class V>
void fields(V& v, FaultOptions& o) {
  v("fault", o.fault, "what goes wrong", Words{"process-kill", "process-power-loss"});
  v("target", o.target, "where: leader (who holds the lease then) or one controller, such as controller-0");
  v("when", o.when, "trigger: at a moment that the ledger shows; drawn: at a drawn time",
    Words{"trigger", "drawn"});
  v("trigger", o.trigger, "delivered: Slack has accepted a message and not yet answered", Words{"delivered"});
  v("occurrence_max", o.occurrence_max, "trigger: at the n-th such moment, n drawn from 1 to this",
    Bounds{1, 100'000});
  v("at", o.at, "drawn: how long after the workload began");
}

template <class V>
void fields(V& v, InvariantOptions& o) {
  v("id", o.id, "which; `racebed list --invariants` shows them");
  v("within", o.within, "its bound, where it has one; 0s: its own default");
}

template <class V>
void fields(V& v, Scenario& s) {
  v("title", s.title, "one line");
  v("risk", s.risk, "the risk in one sentence");
  v("level", s.level, "how the risk assessment rates it", Words{"low", "medium", "high"});
  v("source", s.source, "where the risk comes from");
  v("world", s.world, "what the subject runs in");
  v("subject", s.subject, "the system under test");
  v("workload", s.workload, "what users do");
  v("faults", s.faults, "what goes wrong");
  v("settle", s.settle, "time between the workload's end and the final checks");
  v("invariants", s.invariants, "what must hold; empty: all that there are");
}

}  // namespace racebed::experiments

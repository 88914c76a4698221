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

/// The kinds of facts and the points in passing that a moment can name.
Words event_words();
/// The ids of the catalogue.
Words fault_words();

// Each `fields` calls v(key, member, meaning[, words or bounds]) for the members of a struct, in the order in
// which a file is best written.

template <class V>
void fields(V& v, DurationRange& o) {
  v("min", o.min, "the shortest that is drawn");
  v("max", o.max, "the longest that is drawn");
}

template <class V>
void fields(V& v, CountRange& o) {
  v("min", o.min, "the least that is drawn", Bounds{});
  v("max", o.max, "the most that is drawn", Bounds{});
}

template <class V>
void fields(V& v, WorldOptions& o) {
  v("time_limit", o.time_limit, "virtual time after which a run that has not settled ends");
  v("replicas", o.replicas, "controller processes", Bounds{1, 16});
  v("api_servers", o.api_servers, "API servers over one store; each client uses one of them", Bounds{1, 8});
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
  v("workers", o.workers,
    "reconciles at a time; 0: the subject's own default (notification-2025-11 always has 1)", Bounds{0, 64});
  v("deadline", o.deadline, "from its creation; then a notification is given up (real core)");
  v("audit_buffer", o.audit_buffer, "audit records that wait for the audit service at most",
    Bounds{1, 1'000'000});
}

template <class V>
void fields(V& v, WorkloadOptions& o) {
  v("kind", o.kind,
    "create: notifications of different names; create-delete: each is deleted again; create-delete-create: "
    "incarnations of one name, one after the other",
    Words{"create", "create-delete", "create-delete-create"});
  v("count", o.count, "create, create-delete: how many notifications", Bounds{1, 10'000});
  v("namespaces", o.namespaces, "in how many namespaces the same is done under the same names", Bounds{1, 4});
  v("users", o.users, "how many users at once; they share the count, or have a name each", Bounds{1, 100});
  v("spacing", o.spacing, "create, create-delete: between two creations of a user, drawn");
  v("cycles", o.cycles, "create-delete-create: how many incarnations; the last one stays", Bounds{1, 1'000});
  v("delete_moment", o.delete_moment,
    "when an incarnation is deleted: before, during or after its delivery; drawn: one of them each time",
    Words{"drawn", "before", "during", "after"});
  v("linger", o.linger, "from that moment to the deletion, drawn");
  v("gap", o.gap, "create-delete-create: between a deletion and the next creation, drawn");
  v("finalizer", o.finalizer,
    "each notification has a finalizer, which is removed so long after its deletion; 0s: none has one");
  v("channels", o.channels, "spec.channels of each notification",
    Words{"console", "slack", "file", "log", "email"});
  v("alternate", o.alternate, "each notification has one of the channels, in turn, instead of all");
  v("body_bytes", o.body_bytes, "the length of the body; 0: one short line", Bounds{0, 1'000'000});
  v("secrets", o.secrets, "body, metadata and links carry credentials, which must not leave the controller");
  v("max_attempts", o.max_attempts, "spec.retryPolicy.maxAttempts", Bounds{1, 10});
  v("initial_backoff_seconds", o.initial_backoff_seconds, "spec.retryPolicy.initialBackoffSeconds",
    Bounds{1, 300});
  v("max_backoff_seconds", o.max_backoff_seconds, "spec.retryPolicy.maxBackoffSeconds", Bounds{60, 3600});
}

template <class V>
void fields(V& v, ChangeOptions& o) {
  v("path", o.path, "where in the object, such as /status/phase (RFC 6901)");
  v("from", o.from, "the value before; \"*\": any other, \"\": it was not there");
  v("to", o.to, "the value after; \"*\": any other, \"\": it is not there");
}

template <class V>
void fields(V& v, FactOptions& o) {
  v("event", o.event, "what happens: a kind of fact, or a point in passing", event_words());
  v("process", o.process, "who acts, such as controller-0, slack, user; controllers: any of them");
  v("channel", o.channel, "of a delivered or requested");
  v("resource", o.resource, "the object's, such as notificationrequests, leases");
  v("name", o.name, "the object's");
  v("operation", o.operation, "of a committed",
    Words{"", "create", "update", "status", "mark-deleted", "remove"});
  v("fault", o.fault, "of a fault-fired or fault-lifted: its id");
  v("detail", o.detail,
    "of a process-event (killed, exited, started ...), a phase-began (settle), or a connection-opened (its "
    "chain)");
  v("status", o.status, "of an answered or refused; 0: any", Bounds{0, 599});
  v("change", o.change, "of a committed: a value that it changes");
  v("occurrence", o.occurrence, "which of them, from 1", Bounds{1, 100'000});
}

template <class V>
void fields(V& v, AnyOptions& o) {
  fields(v, static_cast<FactOptions&>(o));
  v("any", o.any, "instead of event: the first of these");
}

template <class V>
void fields(V& v, ConditionOptions& o) {
  fields(v, static_cast<FactOptions&>(o));
  v("all", o.all, "instead of event: the last of these, in any order");
  v("any", o.any, "instead of event: the first of these");
}

template <class V>
void fields(V& v, MomentOptions& o) {
  v("what", o.what, "the moment in words");
  fields(v, static_cast<ConditionOptions&>(o));
}

template <class V>
void fields(V& v, RequestOptions& o) {
  v("verbs", o.verbs, "which verbs; none: all", Words{"GET", "WATCH", "POST", "PUT", "PATCH", "DELETE"});
  v("resources", o.resources, "which resources, such as leases or notificationrequests/status; none: all",
    Words{});
  v("clients", o.clients, "whose requests, such as controller-0, controllers, user; none: everybody's",
    Words{});
}

template <class V>
void fields(V& v, FaultOptions& o) {
  v("fault", o.fault, "what goes wrong; `racebed list --faults` shows them", fault_words());
  v("target", o.target,
    "where: leader, follower, any-controller, controllers, controller-0 ..., apiservers, apiserver-0 ..., "
    "slack; "
    "empty: what is usual for the fault");
  v("to", o.to, "transport faults: the other end of the link, slack, apiservers or apiserver-0 ...");
  v("requests", o.requests, "api faults: which requests");
  v("at", o.at, "when: so long after the chaos began, drawn");
  v("after", o.after, "when: at this moment, instead of a time");
  v("delay", o.delay, "from the moment to the act, drawn");
  v("times", o.times, "how often it acts at most", Bounds{1, 100'000});
  v("chance", o.chance, "percent: each time the moment comes, it acts with this chance", Bounds{1, 100});
  v("timeout", o.timeout, "how long it waits for its moment; 0s: as long as the chaos lasts");
  v("at_timeout", o.at_timeout, "what then", Words{"give-up", "act"});
  v("for", o.lasts, "how long it acts, drawn; 0s: until the faults are healed");
  v("count", o.count, "how many opportunities it takes, drawn; 0: all", Bounds{0, 1'000'000});
  v("percent", o.percent, "percent of its opportunities that it takes, drawn one by one", Bounds{1, 100});
  v("with", o.with, "the fault's parameters by name: a value, or {\"min\": ..., \"max\": ...} to draw from");
}

template <class V>
void fields(V& v, InvariantOptions& o) {
  v("id", o.id, "which; `racebed list --invariants` shows them");
  v("within", o.within, "its bound, where it has one; 0s: its own default");
  v("binds", o.binds, "from when on it binds, where it can: always, or from the healing of the faults on",
    Words{"default", "always", "settle"});
}

template <class V>
void fields(V& v, Scenario& s) {
  v("title", s.title, "one line");
  v("risk", s.risk, "the risk in one sentence");
  const Words ratings{"", "very low", "low", "medium", "high"};
  v("likelihood", s.likelihood, "how likely the risk assessment holds it", ratings);
  v("impact", s.impact, "how bad", ratings);
  v("level", s.level, "how it rates it", ratings);
  v("source", s.source, "where the risk comes from");
  v("world", s.world, "what the subject runs in");
  v("subject", s.subject, "the system under test");
  v("workload", s.workload, "what users do");
  v("faults", s.faults, "what goes wrong");
  v("moment", s.moment, "the dangerous moment; a run that does not reach it says nothing");
  v("chaos", s.chaos,
    "how long faults may act, from the workload's begin; longer if the workload takes longer; then all are "
    "healed");
  v("settle", s.settle, "time between the healing and the final checks");
  v("judge", s.judge, "which invariants judge the runs: all that there are, or those that are listed",
    Words{"all", "listed"});
  v("invariants", s.invariants, "bounds of invariants where they differ from the usual");
}

}  // namespace racebed::experiments

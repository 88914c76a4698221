// What really happened, as the world saw it. Facts are written by models and by the world around the
// processes, never by the system under test; invariants read nothing else of a run besides the final state.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>

#include "runtime/time.hpp"

namespace racebed::models {

using Json = nlohmann::json;
using JsonPtr = std::shared_ptr<const Json>;

/// Who acted: a process of the world and which incarnation of it (counted from 1; 0: no process).
struct Actor {
  std::string process;  // "controller-0", "slack", "user"
  std::uint32_t incarnation = 0;
  friend bool operator==(const Actor&, const Actor&) = default;
};

/// An object of the API as a key. The uid tells incarnations of one name apart.
struct ObjectRef {
  std::string resource;  // plural: "notificationrequests", "leases"
  std::string ns;
  std::string name;
  std::string uid;
};

/// The store committed a write. `before` is null for a creation, `after` is null when the object is gone.
struct Committed {
  enum class Operation { create, update, status, mark_deleted, remove };
  Operation operation = Operation::create;
  ObjectRef object;
  std::uint64_t revision = 0;
  JsonPtr before;
  JsonPtr after;
};

/// The store refused a write that reached it (conflict, not found, invalid ...).
struct Refused {
  std::string verb;  // "PUT", "PATCH", "POST", "DELETE"
  ObjectRef object;  // as far as the request named it
  int status = 0;
  std::string reason;  // "Conflict", "AlreadyExists", "NotFound" ...
};

/// A front end answered a read, or handed a watch event to a client: what the client now believes.
struct Observed {
  enum class Source { store, cache, watch };
  Source source = Source::store;
  ObjectRef object;
  std::uint64_t revision = 0;  // of the object as shown; 0: shown as absent
};

/// A user asked for a notification. `token` is unique to this incarnation and part of the subject, so that a
/// sink can tell which incarnation a message came from whatever the controller writes.
struct UserCreated {
  ObjectRef object;
  std::string token;
};
struct UserDeleted {
  ObjectRef object;
  std::string token;
};

/// Slack has read a whole request that would post a message, and decided nothing about it yet.
struct Requested {
  std::string channel;           // "slack"
  std::string token;             // of the notification, read out of the message; empty if it had none
  std::string claimed_uid;       // what the message's metadata says; empty if none
  std::uint64_t connection = 0;  // the connection it came over
  std::string sender{};          // the process it came from
};
/// A channel took a message: Slack accepted it (its answer may still be lost), a console line, a file, a log
/// record was written.
struct Delivered {
  std::string channel;           // "slack", "console", "file", "log"
  std::string token;             // of the notification, read out of the message; empty if it had none
  std::string message;           // the channel's own id of the message: Slack's ts, a file's path
  std::string claimed_uid;       // what the message's metadata says; empty if none
  std::uint64_t connection = 0;  // the connection it came over; 0: none
  std::string sender{};          // the process it came from
  std::shared_ptr<const std::string> content{};  // what it took, as it came; null: not kept
};
/// What a channel had taken is gone: a file that its host's disk did not keep when the power went.
struct Vanished {
  std::string channel;  // "file"
  std::string token;
  std::string message;  // as in Delivered
};
/// Slack's answer left for the client; `status` is the HTTP status, 0 when the answer was cut or lost.
struct Answered {
  std::string message;  // as in Delivered; empty when nothing was accepted
  int status = 0;
  std::uint64_t connection = 0;
  std::string token{};                    // of the request that is answered; empty if it would post nothing
  std::string sender{};                   // the process that is answered
  std::optional<Duration> retry_after{};  // what the answer asks for, in either form
  std::string refusal{};  // what Slack says to a message that is none by its rules ("invalid_blocks")
};

struct ConnectionOpened {
  std::string endpoint;  // "slack"
  std::uint64_t connection = 0;
  std::string tls;            // "ok", or why the handshake failed, as the server saw it; "" without TLS
  std::string certificate{};  // the chain that was presented: "good", "expired" ...; "" without TLS
  std::string sender{};       // the process that connected
};

/// The life of a process.
struct ProcessEvent {
  enum class What { started, killed, power_lost, paused, resumed, exited, crashed };
  What what = What::started;
  std::string detail;  // exit reason, exception text
};

/// A fault acted, or begins to.
struct FaultFired {
  std::string fault;   // id in the catalogue: "process-kill"
  std::string detail;  // "controller-0, after Delivered #3"
};
/// A fault that lasts has ended: nothing of it acts from now on.
struct FaultLifted {
  std::string fault;
  std::string detail;
};

/// The run enters a phase. From `settle` on no fault acts: all are lifted, what was paused or dead runs
/// again.
struct PhaseBegan {
  enum class Phase { chaos, settle };
  Phase phase = Phase::chaos;
};

/// A moment in passing, for triggers. Told only while somebody waits for one of its kind (Ledger::wants).
struct Passed {
  enum class Point {
    api_before_commit,   // a front end is about to ask the store to commit a write
    api_before_show,     // a watch cache is about to show a change
    api_shown,           // and has shown it
    core_sends_read,     // a controller sends a GET or LIST
    core_has_read,       // its answer has reached the controller, which has not run since
    core_sends_write,    // a controller sends a write
    core_has_written,    // its answer has reached the controller, which has not run since
    core_receives,       // a watch event has reached the controller, which has not run since
    slack_before_answer  // Slack has decided and is about to send its answer
  };
  Point point = Point::api_before_commit;
  ObjectRef object{};   // as far as it is known
  std::string token{};  // of the notification, where a message is concerned
};

/// The system under test says of itself something that only it can know (its audit record, say). Never
/// evidence of what happened; invariants hold it against the facts.
struct Claimed {
  std::string kind;  // "audit", "metric"
  JsonPtr content;
};

using What = std::variant<Committed, Refused, Observed, UserCreated, UserDeleted, Delivered, Answered,
                          ConnectionOpened, ProcessEvent, FaultFired, Claimed, Requested, FaultLifted,
                          PhaseBegan, Passed, Vanished>;

struct Fact {
  std::uint64_t number = 0;  // from 1, in order
  Time time;                 // virtual, not any process's own clock
  Actor actor;
  What what;
};

}  // namespace racebed::models

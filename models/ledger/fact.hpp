// What really happened, as the world saw it. Facts are written by models and by the world around the
// processes, never by the system under test; invariants read nothing else of a run besides the final state.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
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

/// A channel took a message: Slack accepted it (its answer may still be lost), a console line, a file, a log
/// record was written.
struct Delivered {
  std::string channel;           // "slack", "console", "file", "log"
  std::string token;             // of the notification, read out of the message; empty if it had none
  std::string message;           // the channel's own id of the message: Slack's ts, a file's path
  std::string claimed_uid;       // what the message's metadata says; empty if none
  std::uint64_t connection = 0;  // the connection it came over; 0: none
  std::string sender{};          // the process it came from
};
/// Slack's answer left for the client; `status` is the HTTP status, 0 when the answer was cut or lost.
struct Answered {
  std::string message;  // as in Delivered; empty when nothing was accepted
  int status = 0;
  std::uint64_t connection = 0;
};

struct ConnectionOpened {
  std::string endpoint;  // "slack"
  std::uint64_t connection = 0;
  std::string tls;  // "ok", or why the handshake failed, as the server saw it
};

/// The life of a process.
struct ProcessEvent {
  enum class What { started, killed, power_lost, paused, resumed, exited, crashed };
  What what = What::started;
  std::string detail;  // exit reason, exception text
};

/// A fault acted.
struct FaultFired {
  std::string fault;   // id in the catalogue: "process-kill"
  std::string detail;  // "controller-0, after Delivered #3"
};

/// The system under test says of itself something that only it can know (its audit record, say). Never
/// evidence of what happened; invariants hold it against the facts.
struct Claimed {
  std::string kind;  // "audit", "metric"
  JsonPtr content;
};

using What = std::variant<Committed, Refused, Observed, UserCreated, UserDeleted, Delivered, Answered,
                          ConnectionOpened, ProcessEvent, FaultFired, Claimed>;

struct Fact {
  std::uint64_t number = 0;  // from 1, in order
  Time time;                 // virtual, not any process's own clock
  Actor actor;
  What what;
};

}  // namespace racebed::models

// What the message transport asks on the way between a client and an API server: does this message arrive,
// when, and at which server? Calm weather lets everything through.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "runtime/time.hpp"

namespace racebed::experiments {

/// One message on its way. What it points to is good during the question.
struct ApiMessage {
  enum class Part {
    request,
    answer,       // to a request; of a watch: that it is open, or why not
    watch_event,  // an event, or the clean end of the stream
  } part = Part::request;
  std::string_view client;  // processes
  std::string_view server;
  std::string_view method;      // of the request: "GET", "POST" ...
  std::string_view target;      // of the request: path and query
  bool watch = false;           // the request opens a watch
  int status = 0;               // of an answer
  std::string_view event_type;  // of a watch event: "ADDED" ...; empty: the end of the stream
  std::size_t bytes = 0;        // about so many, for weather that has a bandwidth
};

struct ApiPassage {
  enum class Outcome {
    deliver,
    /// Never arrives, and nobody hears of it: the client's own time-out ends the wait. Of a watch event: nor
    /// does anything that follows in this watch, its end and the server's death neither.
    lose,
    /// It never reaches the server, and the client knows that (connection refused): TransportError::not_sent.
    /// Requests only.
    refuse,
    /// It does not arrive, and the client hears of a reset: TransportError::unknown, as a client cannot tell
    /// whether the server had it. After a request the server has done nothing; after an answer it has done
    /// all. A watch ends.
    reset,
    /// As reset; and all that is under way between this client and this server, each watch, too.
    break_connection
  } outcome = Outcome::deliver;
  Duration extra{0};  // on top of the latency; order within a watch is kept whatever it says
  /// Of a request: it goes to this endpoint (by place in the list) instead.
  std::optional<std::size_t> endpoint{};
};

/// Declared by the transport, implemented by the weather and by faults.
class ApiWeather {
 public:
  virtual ~ApiWeather() = default;
  virtual ApiPassage passage(const ApiMessage&) { return {}; }
};

/// Which API server a client's connection goes to.
class FrontEndChoice {
 public:
  virtual ~FrontEndChoice() = default;
  /// Asked when `client` connects: at its first request in each life, and at the next one after its
  /// connection was refused or reset. One of `endpoints` servers; less than `endpoints`.
  virtual std::size_t front_end(std::string_view client, std::size_t endpoints) = 0;
};

}  // namespace racebed::experiments

// What the reconciler knows of a channel: it takes one message once and says how that went; some can be asked
// afterwards whether they have it. And the sinks that the local channels write to, handed in by the program.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/net/error_class.hpp"
#include "runtime/result.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

struct ActionLink {
  std::string service;
  std::string url;
  std::string label;
};

/// One notification as a channel sees it: already sanitised, never cut (a channel cuts to its own limits).
struct Message {
  std::string uid;
  std::string ns;
  std::string name;
  std::string type;
  std::string priority;
  std::string subject;
  std::string body;
  std::vector<std::pair<std::string, std::string>> context;  // spec.metadata, by key
  std::vector<ActionLink> links;
  std::string channel;
  int attempt = 1;
  Time created;
};

/// How a send ended.
struct DeliveryResult {
  enum class Outcome {
    delivered,              // the channel has it and said so
    delivered_unconfirmed,  // it accepted (2xx), but its answer never came in full
    rejected,               // it surely has it not
    unknown                 // it may have it: the answer was lost, late, or a 5xx
  };
  Outcome outcome = Outcome::delivered;
  /// No later attempt of this notification can succeed (4xx, unsupported). TLS certificate failures are not
  /// marked here: `delivery.tls` decides about them.
  bool permanent = false;
  std::optional<net::ErrorClass> error_class;  // of a failure, where it came from the network
  bool timed_out = false;                      // recorded as `timeout`, not `failed`
  std::string error;                           // without secrets
  std::optional<Duration> retry_after;         // lower bound for the next attempt
};

struct ProbeAnswer {
  enum class What {
    found,
    absent,  // surely not there
    failed   // could not be asked
  };
  What what = What::failed;
  std::string error;
};

/// What to look for.
struct ProbeKey {
  std::string uid;
  std::string channel;
  Time created;  // nothing of this uid can be older
};

class Channel {
 public:
  virtual ~Channel() = default;
  /// Sends once, within the channel's own total time-out. Cancellation leaves the outcome unknown.
  virtual asio::awaitable<DeliveryResult> deliver(Message message) = 0;
  /// Whether any message of this uid and channel has arrived. Only when can_be_asked().
  virtual asio::awaitable<ProbeAnswer> probe(ProbeKey key);
  virtual bool can_be_asked() const { return false; }
  /// After so long deliver() has surely ended, and no byte of it follows.
  virtual Duration send_timeout() const { return std::chrono::seconds{1}; }
  /// Names the breaker this channel's sends go through; empty: none. Tells no secret (the path is hashed).
  virtual std::string endpoint() const { return {}; }
};

/// A console or a log: takes a whole text at once, or says why not.
class TextSink {
 public:
  virtual ~TextSink() = default;
  virtual Result<void> write(std::string_view text) = 0;
};

}  // namespace racebed::notification

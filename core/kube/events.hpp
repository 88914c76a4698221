// Records Kubernetes Events about objects: best effort, bounded, aggregated. The same (object uid, type,
// reason, message) again within the window raises `count` of the Event that exists instead of making another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/kube/client.hpp"
#include "core/obs/log.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::kube {

enum class EventType { normal, warning };

struct EventRecorderOptions {
  std::string component = "racebed";           // source.component
  std::string instance;                        // reportingInstance: the process
  std::size_t queue_max = 1000;                // more waiting: the newest is dropped and counted
  std::size_t remembered_max = 4096;           // Events whose count may still be raised
  Duration window = std::chrono::minutes{10};  // so long after it was last said (client-go: 10 minutes)
  int tries_max = 12;                          // client-go record: then dropped
  Duration retry_delay = std::chrono::seconds{10};
};

class EventRecorder {
 public:
  EventRecorder(Runtime& runtime, Client& client, EventRecorderOptions options, obs::Logger log);
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  /// Returns at once. `message` is cut at 1024 bytes. `about` needs apiVersion, kind and metadata.
  void record(const Object& about, EventType type, std::string reason, std::string message);

  /// Starts the task that sends; before it, events wait in the queue.
  void start();
  /// Cancels sending; what waits is lost. Returns when the task has ended.
  asio::awaitable<void> stop();
  /// Returns when the queue is empty or at `deadline`.
  asio::awaitable<void> flush(Instant deadline);

  std::uint64_t dropped() const { return dropped_; }
  std::size_t pending() const { return queue_.size(); }

 private:
  struct Pending {
    std::string key;  // what makes two Events the same
    Object about;
    EventType type = EventType::normal;
    std::string reason;
    std::string message;
    Time time;
  };
  struct Known {
    std::string name;
    std::int64_t count = 0;
    std::uint64_t used = 0;  // when it was last used, as a running number
    Instant said;            // and by the clock
  };
  enum class Sent {
    yes,
    later,  // try again
    gone,   // the Event whose count was to be raised is no more
    never
  };
  asio::awaitable<void> run();
  asio::awaitable<void> send(Pending event);
  asio::awaitable<Sent> try_send(const Pending& event);
  asio::awaitable<Sent> raise_count(const Pending& event, Known& known);
  asio::awaitable<Sent> create(const Pending& event);
  Json new_event(const Pending& event, const std::string& name) const;
  static Sent verdict(const ApiError& error);
  void remember(const std::string& key, std::string name);
  void forget_old();

  Runtime& runtime_;
  Client& client_;
  EventRecorderOptions options_;
  obs::Logger log_;
  Resource resource_;
  std::deque<Pending> queue_;
  std::map<std::string, Known> known_;
  Instant next_look_{};  // for what is to be forgotten
  std::uint64_t number_ = 0;
  std::uint64_t dropped_ = 0;
  bool sending_ = false;
  Event wake_;
  Event idle_;
  TaskGroup tasks_;
};

}  // namespace racebed::kube

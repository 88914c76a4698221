// The audit trail of the controller of 2026-08 (notification.md C.5, HEAD): records told once per key, handed
// to a buffered store.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/kube/events.hpp"
#include "core/obs/log.hpp"
#include "experiments/subjects/notification_2026_08_working.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::experiments::august_2026 {

/// A buffer that a task of its own writes on: a full batch at once, the rest every second. A batch is tried
/// three times, then dropped.
class AuditStore {
 public:
  /// Hands over a batch; an error: it has perhaps not been taken.
  using Sink = std::function<ErrorCode(const std::vector<Json>&)>;
  static constexpr std::size_t kBatch = 100;
  static constexpr Duration kFlush = std::chrono::seconds{1};
  static constexpr int kTries = 3;
  static constexpr Duration kCloseWaits = std::chrono::seconds{30};

  AuditStore(Runtime& runtime, Sink sink, std::size_t buffer, obs::Logger log);
  void start();
  /// False when the buffer is full, and the record dropped; true, and the record dropped, after close().
  bool store(Json record);
  /// What is buffered is written, for as long as it waits, and nothing more.
  asio::awaitable<void> close();
  /// What is buffered is lost.
  asio::awaitable<void> abandon();

 private:
  asio::awaitable<void> write();
  asio::awaitable<void> flush();
  Clock& clock_;
  Sink sink_;
  std::size_t buffer_max_;
  obs::Logger log_;
  std::deque<Json> buffer_;
  std::vector<Json> batch_;
  Instant started_;
  bool closed_ = false;
  bool written_ = false;  // closed, and everything of it done
  Event wake_;
  Event ended_;
  TaskGroup tasks_;
};

/// Functions return the error of making a record, which the caller must not ignore; empty: none. What the
/// store refuses is logged and forgotten. `check`: whether the record's schema has a place for it.
class Auditor {
 public:
  using Check = std::function<ErrorCode(const Json&)>;
  Auditor(AuditStore& store, Check check, kube::EventRecorder& events, obs::Logger log)
      : store_(store), check_(std::move(check)), events_(events), log_(std::move(log)) {}
  std::string sent(const Working& work, const std::string& channel);
  std::string failed(const Working& work, const std::string& channel, const std::string& error);
  std::string acknowledged(const Working& work);
  std::string escalated(const Working& work);
  /// 1: the object of this key is no more.
  void forget(const ObjectKey& key) { told_.erase(key.text()); }

 private:
  struct Message {
    const char* type;
    std::string key;  // what makes two of them the same, for one namespace and name
    Json data = Json::object();
  };
  /// Whether it was new; an error in `error`.
  bool tell(const Working& work, Message message, std::string& error);
  AuditStore& store_;
  Check check_;
  kube::EventRecorder& events_;
  obs::Logger log_;
  std::map<std::string, std::set<std::string>> told_;
};

}  // namespace racebed::experiments::august_2026

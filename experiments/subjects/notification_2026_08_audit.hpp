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

/// A buffer that a task of its own writes on: a full batch at once, the rest every second.
class AuditStore {
 public:
  static constexpr std::size_t kBuffer = 10'000;
  static constexpr std::size_t kBatch = 100;
  static constexpr Duration kFlush = std::chrono::seconds{1};

  AuditStore(Runtime& runtime, std::function<void(const Json&)> sink);
  void start();
  /// False when the buffer is full, and the record dropped; true, and the record dropped, after close().
  bool store(Json record);
  /// What is buffered is written, and nothing more.
  asio::awaitable<void> close();
  /// What is buffered is lost.
  asio::awaitable<void> abandon();

 private:
  asio::awaitable<void> write();
  void flush();
  Clock& clock_;
  std::function<void(const Json&)> sink_;
  std::deque<Json> buffer_;
  std::vector<Json> batch_;
  Instant started_;
  bool closed_ = false;
  Event wake_;
  TaskGroup tasks_;
};

/// Functions return the error of making a record, which the caller must not ignore; empty: none. What the
/// store refuses is logged and forgotten.
class Auditor {
 public:
  Auditor(AuditStore& store, kube::EventRecorder& events, obs::Logger log)
      : store_(store), events_(events), log_(std::move(log)) {}
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
  kube::EventRecorder& events_;
  obs::Logger log_;
  std::map<std::string, std::set<std::string>> told_;
};

}  // namespace racebed::experiments::august_2026

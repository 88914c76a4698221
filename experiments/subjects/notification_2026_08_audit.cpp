#include "experiments/subjects/notification_2026_08_audit.hpp"

#include <fmt/format.h>

namespace racebed::experiments::august_2026 {

AuditStore::AuditStore(Runtime& runtime, Sink sink, std::size_t buffer, obs::Logger log)
    : clock_(runtime.clock),
      sink_(std::move(sink)),
      buffer_max_(buffer),
      log_(std::move(log)),
      wake_(runtime.clock),
      ended_(runtime.clock),
      tasks_(runtime) {}

void AuditStore::start() {
  started_ = clock_.steady_now();
  tasks_.spawn("audit-writer", write());
}

bool AuditStore::store(Json record) {
  if (closed_) return true;
  if (buffer_.size() >= buffer_max_) return false;
  buffer_.push_back(std::move(record));
  wake_.notify_one();
  return true;
}

/// 1 s and 2 s between the tries.
asio::awaitable<void> AuditStore::flush() {
  for (int tries = 1; !batch_.empty(); ++tries) {
    const ErrorCode error = sink_(batch_);
    if (!error) break;
    if (tries == kTries) {
      log_.error("dropped audit events after retries",
                 {{"events", batch_.size()}, {"error", error.message()}});
      break;
    }
    co_await clock_.sleep_for(std::chrono::seconds{tries});
  }
  batch_.clear();
}

asio::awaitable<void> AuditStore::write() {
  for (;;) {
    while (!buffer_.empty()) {
      batch_.push_back(std::move(buffer_.front()));
      buffer_.pop_front();
      if (batch_.size() >= kBatch) co_await flush();
    }
    if (closed_) break;
    if (batch_.empty()) {
      co_await wake_.wait();
      continue;
    }
    // A ticker's next tick, not a second from here.
    const Instant tick = started_ + ((clock_.steady_now() - started_) / kFlush + 1) * kFlush;
    const bool woken = co_await wake_.wait_until(tick);
    if (!woken) co_await flush();
  }
  co_await flush();
  written_ = true;
  ended_.notify_all();
}

asio::awaitable<void> AuditStore::close() {
  closed_ = true;
  wake_.notify_all();
  const Instant until = clock_.steady_now() + kCloseWaits;
  while (!written_) {
    const bool notified = co_await ended_.wait_until(until);
    if (!notified) break;
  }
  co_await abandon();
}

asio::awaitable<void> AuditStore::abandon() {
  closed_ = true;
  tasks_.cancel();
  co_await tasks_.join();
}

bool Auditor::tell(const Working& work, Message message, std::string& error) {
  const ObjectKey key = work.object().key();
  std::set<std::string>& told = told_[key.text()];
  if (told.contains(message.key)) return false;
  if (key.name.empty()) {
    error = "failed to create audit event: notification without a name";
    return false;
  }
  const Json remediation = work.spec().value("remediationRequestRef", Json::object());
  Json record{{"event", message.type},
              {"actor", "service/notification-controller"},
              {"correlationId", remediation.value("name", work.uid())},
              {"uid", work.uid()},
              {"name", key.name},
              {"namespace", key.ns}};
  record.update(message.data);
  if (const ErrorCode wrong = check_(record)) {
    error = fmt::format("failed to create audit event {}: {}", message.type, wrong.message());
    return false;
  }
  if (store_.store(std::move(record))) {
    told.insert(message.key);
  } else {
    log_.error("failed to buffer audit event", {{"object", key.text()}, {"event", message.type}});
  }
  return true;
}

std::string Auditor::sent(const Working& work, const std::string& channel) {
  std::string error;
  Message message{"notification.message.sent", "message.sent:" + channel, Json{{"channel", channel}}};
  const bool is_new = tell(work, std::move(message), error);
  if (is_new)
    events_.record(work.object(), kube::EventType::normal, "NotificationSent",
                   fmt::format("Successfully delivered to channel {}", channel));
  return error;
}

std::string Auditor::failed(const Working& work, const std::string& channel, const std::string& why) {
  std::string error;
  const std::int64_t attempts = work.counter("totalAttempts");
  tell(work,
       {"notification.message.failed", fmt::format("message.failed:{}:attempt{}", channel, attempts),
        Json{{"channel", channel}, {"attempt", attempts}, {"error", why}, {"errorType", "transient"}}},
       error);
  return error;
}

std::string Auditor::acknowledged(const Working& work) {
  std::string error;
  tell(work, {"notification.message.acknowledged", "message.acknowledged"}, error);
  return error;
}

std::string Auditor::escalated(const Working& work) {
  std::string error;
  tell(work, {"notification.message.escalated", "message.escalated"}, error);
  return error;
}

}  // namespace racebed::experiments::august_2026

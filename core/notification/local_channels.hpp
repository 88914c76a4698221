// Channels that need no network: console and log (a text sink each) and file (one file for each
// notification).
#pragma once

#include "core/notification/delivery.hpp"
#include "runtime/runtime.hpp"

namespace racebed::notification {

/// `[priority] [type] subject`, newline, body, newline.
std::string console_text(const Message& message);
/// One line of JSON with all that a message holds.
std::string log_text(const Message& message);

/// Writes `format(message)` to a sink.
class TextChannel final : public Channel {
 public:
  using Format = std::string (*)(const Message&);
  TextChannel(TextSink& sink, Format format) : sink_(sink), format_(format) {}
  asio::awaitable<DeliveryResult> deliver(Message message) override;

 private:
  TextSink& sink_;
  Format format_;
};

/// Writes notification-<uid>-<channel>.json: first to a name of its own that ends in .tmp, synced, then
/// renamed. The file's existence answers probe().
class FileChannel final : public Channel {
 public:
  FileChannel(Runtime& runtime, std::string directory, Duration timeout)
      : runtime_(runtime), directory_(std::move(directory)), timeout_(timeout) {}
  asio::awaitable<DeliveryResult> deliver(Message message) override;
  asio::awaitable<ProbeAnswer> probe(ProbeKey key) override;
  bool can_be_asked() const override { return true; }
  Duration send_timeout() const override { return timeout_; }

 private:
  std::string path(const std::string& uid, const std::string& channel) const;
  asio::awaitable<DeliveryResult> write(std::string path, std::string content);

  Runtime& runtime_;
  std::string directory_;
  Duration timeout_;
};

}  // namespace racebed::notification

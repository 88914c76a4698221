#include "core/notification/local_channels.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <nlohmann/json.hpp>
#include <utility>

namespace racebed::notification {
namespace {

using Json = nlohmann::json;
using namespace boost::asio::experimental::awaitable_operators;

Json as_json(const Message& message) {
  Json json = {{"uid", message.uid},   {"namespace", message.ns},      {"name", message.name},
               {"type", message.type}, {"priority", message.priority}, {"subject", message.subject},
               {"body", message.body}, {"channel", message.channel},   {"attempt", message.attempt}};
  for (const auto& [key, value] : message.context) json["metadata"][key] = value;
  for (const ActionLink& link : message.links)
    json["actionLinks"].push_back({{"service", link.service}, {"url", link.url}, {"label", link.label}});
  return json;
}

DeliveryResult local_failure(DeliveryResult::Outcome outcome, const ErrorCode& error) {
  DeliveryResult result;
  result.outcome = outcome;
  result.error = error.message();
  return result;
}

}  // namespace

std::string console_text(const Message& message) {
  return "[" + message.priority + "] [" + message.type + "] " + message.subject + "\n" + message.body + "\n";
}

std::string log_text(const Message& message) {
  return as_json(message).dump(-1, ' ', false, Json::error_handler_t::replace);
}

asio::awaitable<DeliveryResult> TextChannel::deliver(Message message) {
  const Result<void> written = sink_.write(format_(message));
  if (!written) co_return local_failure(DeliveryResult::Outcome::rejected, written.error());
  co_return DeliveryResult{};
}

std::string FileChannel::path(const std::string& uid, const std::string& channel) const {
  return directory_ + "/notification-" + uid + "-" + channel + ".json";
}

asio::awaitable<DeliveryResult> FileChannel::write(std::string path, std::string content) {
  const std::string temporary = path + ".tmp";
  Result<void> done = co_await runtime_.files.write(temporary, std::move(content));
  if (!done) co_return local_failure(DeliveryResult::Outcome::rejected, done.error());
  done = co_await runtime_.files.sync(temporary);
  if (!done) co_return local_failure(DeliveryResult::Outcome::rejected, done.error());
  done = co_await runtime_.files.rename(temporary, path);
  if (!done) co_return local_failure(DeliveryResult::Outcome::unknown, done.error());
  co_return DeliveryResult{};
}

asio::awaitable<DeliveryResult> FileChannel::deliver(Message message) {
  std::string content = as_json(message).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  std::string target = path(message.uid, message.channel);
  auto outcome =
      co_await (write(std::move(target), std::move(content)) || runtime_.clock.sleep_for(timeout_));
  if (outcome.index() == 0) co_return std::get<0>(std::move(outcome));
  DeliveryResult late;
  late.outcome = DeliveryResult::Outcome::unknown;
  late.timed_out = true;
  late.error = "writing the file took too long";
  co_return late;
}

asio::awaitable<ProbeAnswer> FileChannel::probe(ProbeKey key) {
  std::string target = path(key.uid, key.channel);
  const Result<std::string> content = co_await runtime_.files.read(std::move(target));
  ProbeAnswer answer;
  if (content) {
    answer.what = ProbeAnswer::What::found;
  } else if (content.error() == boost::system::errc::no_such_file_or_directory) {
    answer.what = ProbeAnswer::What::absent;
  } else {
    answer.error = content.error().message();
  }
  co_return answer;
}

}  // namespace racebed::notification

#include "core/notification/slack_channel.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/kube/resource.hpp"
#include "core/notification/slack_answer.hpp"
#include "core/notification/slack_message.hpp"
#include "runtime/assert.hpp"

namespace racebed::notification {
namespace {

using Json = nlohmann::json;

constexpr int kHistoryPagesMax = 400;
/// Messages on a page. An answer is read up to 64 KiB: a page that does not fit is asked for again with
/// fewer.
constexpr int kHistoryPage = 60;
constexpr int kHistoryPageShrink = 4;
/// Clocks of the cluster and of Slack may differ by as much; older messages are not ours.
constexpr Duration kClockDifferenceMax = std::chrono::minutes{10};

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return h;
}

const Json* member(const Json* parent, const char* name) {
  if (parent == nullptr || !parent->is_object()) return nullptr;
  const auto found = parent->find(name);
  return found == parent->end() ? nullptr : &*found;
}

bool is_text(const Json* value, const std::string& text) {
  return value != nullptr && value->is_string() && value->get_ref<const std::string&>() == text;
}

/// Whether one page of history holds a message of this key.
bool holds(const Json& page, const ProbeKey& key) {
  const Json* messages = member(&page, "messages");
  if (messages == nullptr || !messages->is_array()) return false;
  for (const Json& message : *messages) {
    const Json* payload = member(member(&message, "metadata"), "event_payload");
    if (is_text(member(payload, "uid"), key.uid) && is_text(member(payload, "channel"), key.channel))
      return true;
  }
  return false;
}

std::string next_cursor(const Json& page) {
  const Json* cursor = member(member(&page, "response_metadata"), "next_cursor");
  return cursor != nullptr && cursor->is_string() ? cursor->get<std::string>() : std::string();
}

ProbeAnswer not_asked(std::string error) {
  return {ProbeAnswer::What::failed, std::move(error)};
}

}  // namespace

std::string endpoint_name(const net::Url& url) {
  return fmt::format("{}://{}:{}#{:08x}", url.scheme, url.host, url.port, fnv1a(url.target) & 0xffffffffU);
}

SlackChannel::SlackChannel(SlackConfig config, HttpSender& sender)
    : config_(std::move(config)), sender_(sender) {
  const auto url = net::parse_url(can_be_asked() ? config_.api_url : config_.webhook_url);
  RACEBED_ASSERT(url.has_value(), "Slack's URL was checked with the configuration");
  url_ = *url;
  if (can_be_asked() && url_.target == "/") url_.target.clear();
  endpoint_ = endpoint_name(url_);
}

net::HttpRequest SlackChannel::request(const Message& message) const {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url_;
  request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  if (can_be_asked()) {
    request.url.target += "/chat.postMessage";
    request.headers.emplace_back("Authorization", "Bearer " + config_.token);
    request.body = slack_api_payload(message, config_.channel).dump();
  } else {
    request.body = slack_payload(message).dump();
  }
  return request;
}

asio::awaitable<DeliveryResult> SlackChannel::deliver(Message message) {
  net::HttpRequest post = request(message);
  const auto answer = co_await sender_.send(std::move(post));
  if (!answer) co_return failure_result(answer.error());
  co_return can_be_asked() ? web_api_result(*answer) : webhook_result(*answer);
}

net::HttpRequest SlackChannel::history(const ProbeKey& key, const std::string& cursor, int limit) const {
  const auto oldest =
      std::chrono::floor<std::chrono::seconds>((key.created - kClockDifferenceMax).time_since_epoch());
  net::HttpRequest request;
  request.method = "GET";
  request.url = url_;
  request.url.target += "/conversations.history?channel=";
  kube::append_percent_encoded(request.url.target, config_.channel);
  request.url.target +=
      fmt::format("&oldest={}.000000&limit={}&include_all_metadata=true", oldest.count(), limit);
  if (!cursor.empty()) {
    request.url.target += "&cursor=";
    kube::append_percent_encoded(request.url.target, cursor);
  }
  request.headers.emplace_back("Authorization", "Bearer " + config_.token);
  return request;
}

asio::awaitable<ProbeAnswer> SlackChannel::probe(ProbeKey key) {
  std::string cursor;
  int limit = kHistoryPage;
  for (int page_number = 0; page_number < kHistoryPagesMax; ++page_number) {
    net::HttpRequest get = history(key, cursor, limit);
    const auto answer = co_await sender_.send(std::move(get));
    if (!answer) co_return not_asked(answer.error().message);
    if (answer->status != 200 || !answer->body_complete)
      co_return not_asked("history: HTTP status " + std::to_string(answer->status));
    const Json page = Json::parse(answer->body, nullptr, false);
    if (page.is_discarded() && limit > 1) {
      limit = std::max(limit / kHistoryPageShrink, 1);
      continue;
    }
    const Json* ok = member(&page, "ok");
    if (ok == nullptr || !ok->is_boolean() || !ok->get<bool>())
      co_return not_asked("history: refused or malformed");
    if (holds(page, key)) co_return ProbeAnswer{ProbeAnswer::What::found, {}};
    cursor = next_cursor(page);
    if (cursor.empty()) co_return ProbeAnswer{ProbeAnswer::What::absent, {}};
  }
  co_return not_asked("history: too long to search");
}

}  // namespace racebed::notification

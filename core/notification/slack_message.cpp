#include "core/notification/slack_message.hpp"

#include <nlohmann/json.hpp>

#include "core/notification/utf8.hpp"

namespace racebed::notification {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kCutMark = "… [cut]";

const char* emoji_of(std::string_view priority) {
  if (priority == "critical") return "\U0001F6A8";
  if (priority == "high") return "\u26A0\uFE0F";
  if (priority == "medium") return "\u2139\uFE0F";
  if (priority == "low") return "\U0001F4AC";
  return "\U0001F4E2";
}

/// Valid UTF-8 whatever comes in: JSON cannot carry anything else.
std::string valid_utf8(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

std::string cut_characters(std::string_view text, std::size_t max) {
  const std::string_view fits = utf8_prefix_characters(text, max);
  if (fits.size() == text.size()) return std::string(text);
  return std::string(utf8_prefix_characters(text, max - utf8_length(kCutMark))) + std::string(kCutMark);
}

/// Slack's three control characters (mrkdwn), so that a body cannot ping a whole channel.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

Json section(std::string text) {
  return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", std::move(text)}}}};
}

/// The next piece of at most kSection characters, at the end of a line or a word where one is near; not
/// inside an escaped character.
std::string_view next_piece(std::string_view text) {
  std::string_view piece = utf8_prefix_characters(text, SlackLimits::kSection);
  if (piece.size() == text.size()) return piece;
  const auto from = piece.size() - piece.size() / 4;
  for (const char* ends : {"\n", " "}) {
    const auto end = piece.rfind(ends);
    if (end != std::string_view::npos && end >= from) return piece.substr(0, end + 1);
  }
  const auto ampersand = piece.rfind('&');
  if (ampersand != std::string_view::npos && piece.size() - ampersand < 5 &&
      piece.find(';', ampersand) == std::string_view::npos)
    return piece.substr(0, ampersand);
  return piece;
}

std::string body_text(const Message& message) {
  std::string text = escape(message.body);
  for (const auto& [key, value] : message.context) text += "\n*" + escape(key) + ":* " + escape(value);
  for (const ActionLink& link : message.links)
    text += "\n<" + escape(link.url) + "|" + escape(link.label) + ">";
  return text;
}

void add_sections(Json& blocks, std::string_view text) {
  for (std::size_t n = 1; !text.empty() && n <= SlackLimits::kSections; ++n) {
    const std::string_view piece = next_piece(text);
    text.remove_prefix(piece.size());
    const bool cut = n == SlackLimits::kSections && !text.empty();
    blocks.push_back(section(
        cut ? std::string(utf8_prefix_characters(piece, SlackLimits::kSection - utf8_length(kCutMark))) +
                  std::string(kCutMark)
            : std::string(piece)));
  }
}

}  // namespace

Json slack_payload(const Message& message) {
  const std::string title = cut_characters(
      std::string(emoji_of(message.priority)) + " " + valid_utf8(message.subject), SlackLimits::kHeader);
  Json blocks = Json::array();
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", title}}}});
  add_sections(blocks, valid_utf8(body_text(message)));
  const std::string context =
      "*Priority:* " + escape(message.priority) + " | *Type:* " + escape(message.type);
  blocks.push_back(
      {{"type", "context"},
       {"elements",
        {{{"type", "mrkdwn"}, {"text", cut_characters(valid_utf8(context), SlackLimits::kContext)}}}}});
  return {{"text", title}, {"blocks", std::move(blocks)}};
}

Json slack_api_payload(const Message& message, const std::string& channel) {
  Json payload = slack_payload(message);
  payload["channel"] = channel;
  payload["metadata"] = {
      {"event_type", kSlackEventType},
      {"event_payload", {{"uid", message.uid}, {"channel", message.channel}, {"attempt", message.attempt}}}};
  return payload;
}

}  // namespace racebed::notification

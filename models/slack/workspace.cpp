#include "models/slack/workspace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "models/sinks/token.hpp"
#include "models/slack/slack_policy.hpp"

namespace racebed::models {

using Json = nlohmann::json;

struct Workspace::Message {
  std::string channel;
  std::string ts;
  JsonPtr message;
};

namespace {

HttpServerAnswer json_answer(const Json& body, int status = 200) {
  return {.status = status, .body = body.dump()};
}
HttpServerAnswer refused(const char* error) {
  return json_answer({{"ok", false}, {"error", error}});
}
HttpServerAnswer text_answer(int status, const char* text) {
  return {.status = status, .body = text, .content_type = "text/html"};
}

/// Characters, not bytes, are what Slack's limits count.
std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  return count;
}

/// A member that is a string, or nothing: whatever a client sends must not get further than a refusal.
std::string text_at(const Json& object, const char* member) {
  if (!object.is_object()) return {};
  const auto found = object.find(member);
  return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::string text_of_block(const Json& block) {
  const auto text = block.find("text");
  return text == block.end() ? std::string() : text_at(*text, "text");
}

/// Block Kit's documented limits: at most 50 blocks, a header of 150 characters, a section of 3,000.
bool blocks_ok(const Json& message) {
  const auto blocks = message.find("blocks");
  if (blocks == message.end()) return !text_at(message, "text").empty();
  if (!blocks->is_array() || blocks->empty() || blocks->size() > 50) return false;
  for (const Json& block : *blocks) {
    const std::string type = text_at(block, "type");
    if (type == "header" && (characters(text_of_block(block)) > 150 || text_of_block(block).empty()))
      return false;
    if (type == "section" && (characters(text_of_block(block)) > 3000 || text_of_block(block).empty()))
      return false;
    if (type != "header" && type != "section" && type != "context" && type != "divider" && type != "actions")
      return false;
  }
  return true;
}

std::string claimed_uid_of(const Json& message) {
  const auto metadata = message.find("metadata");
  if (metadata == message.end() || !metadata->is_object()) return {};
  const auto payload = metadata->find("event_payload");
  return payload == metadata->end() ? std::string() : text_at(*payload, "uid");
}

std::string query_value(std::string_view target, std::string_view key) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return {};
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(key) && pair.size() > key.size() && pair[key.size()] == '=') {
      return std::string(pair.substr(key.size() + 1));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

/// Slack's default is 100 and its maximum 999; 0 for what is not a limit.
std::size_t limit_of(const std::string& text) {
  constexpr std::size_t kDefault = 100;
  constexpr std::size_t kMax = 999;
  if (text.empty()) return kDefault;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size()) return 0;
  return std::min(limit, kMax);
}

}  // namespace

Workspace::Workspace(WorkspaceOptions options) : options_(std::move(options)) {}
Workspace::~Workspace() = default;

std::size_t Workspace::messages() const {
  return messages_.size();
}

bool Workspace::authorized(const HttpServerRequest& request) const {
  return request.authorization == "Bearer " + options_.token;
}

Workspace::Checked Workspace::check(const HttpServerRequest& request) const {
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path.starts_with("/services/")) return check_webhook(request);
  if (path == "/api/chat.postMessage") return check_post_message(request);
  if (path == "/api/conversations.history") return {.answer = history(request)};
  if (path == kSignInPage && request.method == "GET")
    return {.answer = text_answer(200, "<html><body>Sign in to your workspace</body></html>")};
  return {.answer = text_answer(404, "no such page")};
}

Workspace::Checked Workspace::check_webhook(const HttpServerRequest& request) const {
  if (request.method != "POST") return {.answer = text_answer(405, "method not allowed")};
  if (request.target != options_.webhook_path) return {.answer = text_answer(404, "no_service")};
  const JsonPtr message = std::make_shared<const Json>(Json::parse(request.body, nullptr, false));
  if (!message->is_object()) return {.answer = text_answer(400, "invalid_payload")};
  if (!blocks_ok(*message)) return {.answer = text_answer(400, "invalid_blocks")};
  return {.post = Post{options_.channel, token_in(request.body), claimed_uid_of(*message), false,
                       request.body, message}};
}

Workspace::Checked Workspace::check_post_message(const HttpServerRequest& request) const {
  if (!authorized(request)) return {.answer = refused("invalid_auth")};
  const JsonPtr message = std::make_shared<const Json>(Json::parse(request.body, nullptr, false));
  if (!message->is_object()) return {.answer = refused("invalid_json")};
  if (text_at(*message, "channel") != options_.channel) return {.answer = refused("channel_not_found")};
  if (!blocks_ok(*message)) return {.answer = refused("invalid_blocks")};
  return {.post = Post{options_.channel, token_in(request.body), claimed_uid_of(*message), true, request.body,
                       message}};
}

std::string Workspace::accept(const Post& post, Time now) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  std::string ts = fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
  // Slack's ts is unique in a channel: two messages of one microsecond get different ones.
  if (!messages_.empty() && messages_.back().ts >= ts) {
    const auto last = std::stoll(messages_.back().ts.substr(0, messages_.back().ts.find('.'))) * 1'000'000 +
                      std::stoll(messages_.back().ts.substr(messages_.back().ts.find('.') + 1)) + 1;
    ts = fmt::format("{}.{:06}", last / 1'000'000, last % 1'000'000);
  }
  messages_.push_back({post.channel, ts, post.message});
  return ts;
}

HttpServerAnswer Workspace::confirm(const Post& post, const std::string& ts) const {
  if (!post.web_api) return text_answer(200, "ok");
  return json_answer(
      {{"ok", true}, {"channel", post.channel}, {"ts", ts}, {"message", {{"ts", ts}, {"type", "message"}}}});
}

HttpServerAnswer Workspace::history(const HttpServerRequest& request) const {
  if (!authorized(request)) return refused("invalid_auth");
  if (query_value(request.target, "channel") != options_.channel) return refused("channel_not_found");
  const std::string oldest = query_value(request.target, "oldest");
  const std::string latest = query_value(request.target, "latest");
  const std::size_t limit = limit_of(query_value(request.target, "limit"));
  if (limit == 0) return refused("invalid_limit");
  const std::string cursor = query_value(request.target, "cursor");
  const std::string with_metadata = query_value(request.target, "include_all_metadata");
  Json found = Json::array();
  std::string next_cursor;
  for (auto it = messages_.rbegin(); it != messages_.rend(); ++it) {  // newest first, as Slack has it
    if ((!oldest.empty() && it->ts <= oldest) || (!latest.empty() && it->ts >= latest)) continue;
    if (!cursor.empty() && it->ts >= cursor) continue;
    if (found.size() == limit) {
      next_cursor = found.back()["ts"].get<std::string>();
      break;
    }
    Json message{{"type", "message"}, {"ts", it->ts}};
    for (const char* member : {"text", "blocks"}) {
      if (it->message->contains(member)) message[member] = it->message->at(member);
    }
    if ((with_metadata == "true" || with_metadata == "1") && it->message->contains("metadata")) {
      message["metadata"] = it->message->at("metadata");
    }
    found.push_back(std::move(message));
  }
  Json answer{{"ok", true}, {"messages", std::move(found)}, {"has_more", !next_cursor.empty()}};
  if (!next_cursor.empty()) answer["response_metadata"] = {{"next_cursor", next_cursor}};
  return json_answer(answer);
}

}  // namespace racebed::models

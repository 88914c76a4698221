// What Slack's documentation says of requests and answers, as a table.
#include "models/slack/workspace.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace racebed;
using Json = nlohmann::json;
using models::HttpServerRequest;
using models::Workspace;
using namespace std::chrono_literals;

namespace {

const std::string kWebhook = "/services/T0RACE/B0RACE/f4k3s3cr3t";
const std::string kPost = "/api/chat.postMessage";
const std::string kHistory = "/api/conversations.history?channel=C0NOTIFY";
const std::string kBearer = "Bearer xoxb-racebed-0001";

HttpServerRequest post(const std::string& target, const std::string& body,
                       const std::string& authorization = "") {
  return {.method = "POST",
          .target = target,
          .authorization = authorization,
          .content_type = "application/json",
          .body = body};
}
HttpServerRequest get(const std::string& target, const std::string& authorization = kBearer) {
  return {.method = "GET", .target = target, .authorization = authorization, .content_type = {}, .body = {}};
}

std::string blocks(const std::vector<Json>& list) {
  return Json{{"channel", "C0NOTIFY"}, {"blocks", list}}.dump();
}
Json header(const std::string& text) {
  return {{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", text}}}};
}
Json section(const std::string& text) {
  return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", text}}}};
}
std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string told(const Workspace::Checked& checked) {
  if (checked.post) return fmt::format("accept [{}] [{}]", checked.post->token, checked.post->claimed_uid);
  const std::string& body = checked.answer->body;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fmt::format("{} {}", checked.answer->status, body);
  return fmt::format("{} ok={} {}", checked.answer->status, json["ok"].get<bool>(), json.value("error", ""));
}

/// The texts in a history answer, newest first.
std::string texts(const Workspace& workspace, const std::string& query) {
  const auto checked = workspace.check(get(kHistory + query));
  const Json answer = Json::parse(checked.answer->body);
  std::string all;
  for (const Json& message : answer["messages"]) {
    all += message["text"].get<std::string>() + (message.contains("metadata") ? "+" : "") + " ";
  }
  return all + (answer["has_more"].get<bool>() ? "more" : "end");
}

}  // namespace

TEST_CASE("which messages Slack accepts, and in which words it refuses others") {
  struct Row {
    const char* name;
    HttpServerRequest request;
    std::string expected;
  };
  const Json metadata = {{"event_type", "x"}, {"event_payload", {{"uid", "u-1"}}}};
  const std::string with_metadata =
      Json{{"channel", "C0NOTIFY"}, {"text", "a [token:t1] b"}, {"metadata", metadata}}.dump();
  const std::vector<Row> table = {
      {"webhook", post(kWebhook, R"({"text":"a [token:t1] b"})"), "accept [t1] []"},
      {"webhook without a token", post(kWebhook, R"({"text":"a"})"), "accept [] []"},
      {"webhook, GET", get(kWebhook), "405 method not allowed"},
      {"webhook, another's", post("/services/T0RACE/B0RACE/x", R"({"text":"a"})"), "404 no_service"},
      {"webhook, no JSON", post(kWebhook, "a"), "400 invalid_payload"},
      {"webhook, a list", post(kWebhook, "[]"), "400 invalid_payload"},
      {"webhook, empty", post(kWebhook, "{}"), "400 invalid_blocks"},
      {"webhook, text a number", post(kWebhook, R"({"text":7})"), "400 invalid_blocks"},
      {"Web API", post(kPost, with_metadata, kBearer), "accept [t1] [u-1]"},
      {"Web API, no token", post(kPost, with_metadata), "200 ok=false invalid_auth"},
      {"Web API, wrong token", post(kPost, with_metadata, "Bearer x"), "200 ok=false invalid_auth"},
      {"Web API, no JSON", post(kPost, "a", kBearer), "200 ok=false invalid_json"},
      {"Web API, no channel", post(kPost, R"({"text":"a"})", kBearer), "200 ok=false channel_not_found"},
      {"Web API, channel a number", post(kPost, R"({"channel":7,"text":"a"})", kBearer),
       "200 ok=false channel_not_found"},
      {"odd metadata",
       post(kPost, R"({"channel":"C0NOTIFY","text":"a","metadata":{"event_payload":7}})", kBearer),
       "accept [] []"},
      {"a header of 150 characters", post(kWebhook, blocks({header(repeated("é", 150))})), "accept [] []"},
      {"a header of 151", post(kWebhook, blocks({header(repeated("e", 151))})), "400 invalid_blocks"},
      {"a section of 3,000", post(kWebhook, blocks({section(repeated("é", 3000))})), "accept [] []"},
      {"a section of 3,001", post(kWebhook, blocks({section(repeated("e", 3001))})), "400 invalid_blocks"},
      {"50 blocks", post(kWebhook, blocks(std::vector<Json>(50, section("a")))), "accept [] []"},
      {"51 blocks", post(kWebhook, blocks(std::vector<Json>(51, section("a")))), "400 invalid_blocks"},
      {"an unknown block", post(kPost, blocks({Json::object({{"type", "poem"}})}), kBearer),
       "200 ok=false invalid_blocks"},
      {"a block that is a number", post(kWebhook, blocks({Json(7)})), "400 invalid_blocks"},
      {"an empty section", post(kWebhook, blocks({section("")})), "400 invalid_blocks"},
      {"history, no token", get(kHistory, ""), "200 ok=false invalid_auth"},
      {"history, another channel", get("/api/conversations.history?channel=C1"),
       "200 ok=false channel_not_found"},
      {"history, odd limit", get(kHistory + "&limit=many"), "200 ok=false invalid_limit"},
      {"history, empty", get(kHistory), "200 ok=true "},
      {"another page", get("/api/users.list"), "404 no such page"},
  };
  const Workspace workspace({});
  for (const Row& row : table) {
    CAPTURE(row.name);
    CHECK(told(workspace.check(row.request)) == row.expected);
  }
  CHECK(workspace.messages() == 0);  // checking accepts nothing
}

TEST_CASE("a message is in the history from its acceptance on, newest first, in pages") {
  Workspace workspace({});
  const Time now = *parse_rfc3339("2025-11-29T00:00:00Z");
  const auto accept = [&](const std::string& text, Time at) {
    const Json metadata = {{"event_type", "x"}, {"event_payload", {{"uid", text}}}};
    const std::string body = Json{{"channel", "C0NOTIFY"}, {"text", text}, {"metadata", metadata}}.dump();
    return workspace.accept(*workspace.check(post(kPost, body, kBearer)).post, at);
  };
  CHECK(accept("one", now) == "1764374400.000000");
  CHECK(accept("two", now) == "1764374400.000001");  // the same moment, another name
  CHECK(accept("three", now) == "1764374400.000002");
  CHECK(accept("four", now + 1s) == "1764374401.000000");

  CHECK(texts(workspace, "") == "four three two one end");
  CHECK(texts(workspace, "&include_all_metadata=true") == "four+ three+ two+ one+ end");
  CHECK(texts(workspace, "&include_all_metadata=false&limit=1") == "four more");
  CHECK(texts(workspace, "&oldest=1764374400.000001") == "four three end");
  CHECK(texts(workspace, "&latest=1764374400.000002") == "two one end");
  CHECK(texts(workspace, "&limit=3") == "four three two more");
  CHECK(texts(workspace, "&limit=3&cursor=1764374400.000001") == "one end");
}

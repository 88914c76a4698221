#include "models/apiserver/http_answer.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "models/apiserver/status.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

/// Bodies up to this size are not worth compressing (kubernetes.md §1.1).
constexpr std::size_t kGzipAbove = 128 * 1024;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  const int begun = deflateInit2(&stream, 4, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  RACEBED_ASSERT(begun == Z_OK, "zlib begins a stream");
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  RACEBED_ASSERT(ended == Z_STREAM_END, "the bound holds");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// What is not UTF-8 is replaced: an answer is always JSON.
std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

bool has_flag(std::string_view target, std::string_view name) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return false;
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=') {
      const std::string_view value = pair.substr(name.size() + 1);
      return value == "1" || value == "true";
    }
    if (end == std::string_view::npos) return false;
    query.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

AnswerForm answer_form(const HttpServerRequest& request) {
  const std::string& agent = request.user_agent;
  const bool person =
      agent.starts_with("curl") || agent.starts_with("Wget") || agent.starts_with("Mozilla/5.0");
  const bool says = request.target.find("pretty=") != std::string::npos;
  return {.indented = says ? has_flag(request.target, "pretty") : person,
          .gzip = request.accept_encoding.find("gzip") != std::string::npos,
          .head_only = request.method == "HEAD"};
}

ApiHttpRequest api_request(HttpServerRequest request, Actor client) {
  return {.method = request.method == "HEAD" ? "GET" : std::move(request.method),
          .target = std::move(request.target),
          .content_type = std::move(request.content_type),
          .accept = std::move(request.accept),
          .bytes = std::move(request.body),
          .client = std::move(client)};
}

HttpServerAnswer http_answer(const ApiHttpResponse& response, const AnswerForm& form, std::string audit_id) {
  HttpServerAnswer answer{.status = response.status, .headers = response.headers};
  bool typed = false;
  for (const auto& [name, value] : answer.headers) typed = typed || name == "Content-Type";
  answer.headers.emplace_back("Audit-Id", std::move(audit_id));
  answer.headers.emplace_back("Cache-Control", "no-cache, private");
  if (response.body) {
    answer.body = body_text(response, form.indented ? 2 : -1);
    answer.body += '\n';
  } else {
    answer.body = response.text;
    if (!response.watch) answer.content_type = "text/plain; charset=utf-8";
  }
  if (typed) answer.content_type.clear();  // the answer says it itself
  if (form.gzip && answer.body.size() > kGzipAbove) {
    answer.body = gzipped(answer.body);
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.headers.emplace_back("Vary", "Accept-Encoding");
  }
  return answer;
}

std::string watch_line(const WatchEvent& event) {
  std::string line = fmt::format("{{\"type\":\"{}\",\"object\":", to_text(event.type));
  line += text_of(*event.object, -1);
  line += "}\n";
  return line;
}

std::optional<HttpServerAnswer> refusal_of(HttpReadFailure failure, const HttpLimits& limits) {
  if (failure != HttpReadFailure::body_too_large) return answer_to(failure);
  const Refusal refusal{
      .code = 413,
      .reason = "RequestEntityTooLarge",
      .message = fmt::format("Request entity too large: limit is {}", limits.body_bytes_max),
      .details = false};
  return HttpServerAnswer{.status = 413, .body = text_of(*refusal.body(), -1) + "\n"};
}

}  // namespace racebed::models

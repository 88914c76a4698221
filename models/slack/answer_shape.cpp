#include "models/slack/answer_shape.hpp"

namespace racebed::models {
namespace {

using Body = SlackVerdict::Body;

constexpr std::size_t kHugeBytes = 1024 * 1024;
constexpr std::size_t kHugeHeadBytes = 64 * 1024;
constexpr std::size_t kMissingBytes = 10;

std::string whole(const HttpServerAnswer& answer, bool keep_alive) {
  return wire_text(answer, keep_alive, answer.body.size());
}

std::string first_half(const std::string& text) {
  return text.substr(0, text.size() / 2);
}

AnswerShape broken_off(std::string at_once, bool stalls) {
  return {.at_once = std::move(at_once), .stalls = stalls, .keeps_open = false, .is_answer = false};
}

/// Those that are an answer to the last byte.
AnswerShape complete(HttpServerAnswer answer, Body body, bool keep_alive) {
  AnswerShape shape{.keeps_open = keep_alive};
  const std::size_t length = answer.body.size();
  if (body == Body::malformed) answer.body = "<html>upstream</html>";
  if (body == Body::bad_json) answer.body = R"({"ok":tr)";
  if (body == Body::huge) answer.body.insert(0, kHugeBytes, ' ');
  if (body == Body::interim_first)
    shape.at_once = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n";
  const std::string text =
      body == Body::length_too_small ? wire_text(answer, keep_alive, length / 2) : whole(answer, keep_alive);
  const std::size_t fast = body == Body::slow_head   ? 0
                           : body == Body::slow_body ? text.size() - length
                                                     : text.size();
  shape.at_once += text.substr(0, fast);
  shape.slowly = text.substr(fast);
  return shape;
}

}  // namespace

AnswerShape shape_of(HttpServerAnswer answer, Body body, bool keep_alive) {
  const std::size_t length = answer.body.size();
  switch (body) {
    case Body::cut:
    case Body::stalled: {
      answer.body = first_half(answer.body);
      return broken_off(wire_text(answer, true, length), body == Body::stalled);
    }
    case Body::stalled_head: {
      answer.body.clear();
      return broken_off(first_half(wire_text(answer, true, length)), true);
    }
    case Body::length_too_great:
      return broken_off(wire_text(answer, true, length + kMissingBytes), false);
    case Body::huge_head:
      answer.headers.emplace_back("X-Padding", std::string(kHugeHeadBytes, '='));
      return broken_off(whole(answer, true), false);
    case Body::not_http:
      return broken_off("220 smtp.example ESMTP ready\r\n\r\n", false);
    case Body::whole:
    case Body::malformed:
    case Body::slow_head:
    case Body::slow_body:
    case Body::length_too_small:
    case Body::bad_json:
    case Body::huge:
    case Body::interim_first:
      break;
  }
  return complete(std::move(answer), body, keep_alive);
}

}  // namespace racebed::models

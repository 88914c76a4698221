// How an answer goes over the wire when something is wrong with it: decided here, without I/O, and carried
// out by the endpoint.
#pragma once

#include <string>

#include "models/http/conversation.hpp"
#include "models/slack/slack_policy.hpp"

namespace racebed::models {

struct AnswerShape {
  std::string at_once{};   // written first
  std::string slowly{};    // then, one byte in an interval
  bool stalls = false;     // then nothing more comes, and the connection stays open
  bool keeps_open = true;  // whether it can take another request after all that
  bool is_answer = true;   // whether a client can make out an answer, and all of it
};

AnswerShape shape_of(HttpServerAnswer answer, SlackVerdict::Body body, bool keep_alive);

}  // namespace racebed::models

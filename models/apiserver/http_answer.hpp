// How a request of HTTP becomes one of the API server, and its answer bytes again: content types, indentation
// for people, compression, the headers that every answer carries (kubernetes.md §1.1).
#pragma once

#include <string>

#include "models/apiserver/http.hpp"
#include "models/http/conversation.hpp"

namespace racebed::models {

/// What the client wants of the form of the answer.
struct AnswerForm {
  bool indented = false;   // ?pretty=1, or a person's program: curl, Wget, a browser
  bool gzip = false;       // it takes gzip
  bool head_only = false;  // HEAD
};
AnswerForm answer_form(const HttpServerRequest& request);

ApiHttpRequest api_request(HttpServerRequest request, Actor client);

/// The whole answer; for a watch, its header.
HttpServerAnswer http_answer(const ApiHttpResponse& response, const AnswerForm& form, std::string audit_id);

/// One line of a watch: {"type":"ADDED","object":{...}} and a line feed.
std::string watch_line(const WatchEvent& event);

/// What to say to a request that could not be read; nothing where nobody would hear it.
std::optional<HttpServerAnswer> refusal_of(HttpReadFailure failure, const HttpLimits& limits);

}  // namespace racebed::models

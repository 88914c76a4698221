// One recorded case, step by step: what to ask, what was answered. Who carries the requests is the test's
// affair: a call in the same process, or a socket.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/support/conformance/normal.hpp"

namespace racebed::tests {

/// Throws when it cannot be read.
Json json_file(const std::string& path);

struct CaseRequest {
  std::string method{};  // of HTTP; for a watch GET
  std::string path{};
  std::map<std::string, std::string> headers{};  // names in lower case
  std::string body{};
  bool watch = false;  // the answer's body is the array of its events
};

class CaseRun {
 public:
  /// `test_case` is one of cases.json; `ns` a namespace of its own.
  CaseRun(Json test_case, std::string ns);

  /// Nothing when the case is over. After each: one answer().
  std::optional<CaseRequest> next();
  /// `type` is the media type; `body` JSON, or a string.
  void answer(int status, const std::string& type, const Json& body);
  /// As expected.json has them.
  const Json& answers() const { return answers_; }

 private:
  const Json case_;
  std::map<std::string, std::string> variables_;
  Normal normal_;
  std::size_t asked_ = 0;  // the namespace, then the steps
  Json answers_ = Json::array();
};

}  // namespace racebed::tests

// What a front end asks before it serves a request or shows a change: the calm default serves everything at
// once.
#pragma once

#include "models/apiserver/http.hpp"
#include "models/apiserver/store.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct RequestVerdict {
  enum class Outcome {
    serve,
    refuse,             // answer `refusal` and do nothing
    commit_then_lose,   // serve, then lose the answer (the connection breaks)
    lose_before_commit  // the connection breaks before anything happened
  } outcome = Outcome::serve;
  int status = 0;  // of the refusal: 409, 429, 500, 503, 504
  Duration retry_after{0};
  Duration delay{0};  // before it is served
};

class FrontEndPolicy {
 public:
  virtual ~FrontEndPolicy() = default;
  virtual RequestVerdict request(const ApiHttpRequest&) { return {}; }
  /// How long after its commit a change reaches this front end's watch cache. Order is kept whatever it says.
  virtual Duration cache_lag(const Change&) { return Duration{0}; }
};

}  // namespace racebed::models

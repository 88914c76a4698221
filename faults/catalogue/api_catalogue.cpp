// What an API server and the store behind it can do wrong. The classes of races that each stands behind are
// those of kubernetes.md part 3.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo api(std::string_view id, bool lasts, std::string_view stands_for,
              std::vector<ParameterInfo> parameters = {}) {
  return {id, "api", Place::api, lasts, stands_for, std::move(parameters)};
}

}  // namespace

std::vector<FaultInfo> api_catalogue() {
  return {
      api("api-conflict", true, "a write meets a conflict although nobody else wrote (a server's own retry)"),
      api("api-rate-limited", true, "API priority and fairness: 429",
          {duration("retry_after", 1h, 1s, "the answer's Retry-After"),
           word("form", {"plain", "status"}, "in plain text, or as a Status object")}),
      api("api-error", true, "the server fails before it has done anything",
          {integer("status", 500, 599, 500, "the answer's status")}),
      api("api-lost-before-commit", true, "the connection breaks before the server has done anything"),
      api("api-lost-after-commit", true, "the write is committed, its answer is lost"),
      api("api-timeout-after-commit", true, "the write is committed, the answer says 504"),
      api("api-slow", true, "an overloaded server",
          {duration("delay", 10min, 2s, "before a request is served")}),
      api("api-cache-lag", true, "a watch cache that lags behind the store",
          {duration("delay", 1h, 2s, "from a commit to its showing")}),
      api("api-cache-frozen", true, "a watch cache that is cut off from the store"),
      api("api-cache-rewound", false, "a server comes back with an old view of the world (time travel)",
          {integer("revisions", 1, 1'000'000, 20, "how far back")}),
      api("api-watch-dropped", true, "controllers' watches end instead of showing an event",
          {word("how", {"cleanly", "reset", "gone", "error", "stalled"},
                "a clean end, a reset, ERROR 410, ERROR 500, or silence until the watch's time is over")}),
      api("api-event-delayed", true, "one client's watch events come late",
          {duration("delay", 1h, 2s, "later than the cache shows them")}),
      api("api-bookmarks-missing", true, "a server that sends no bookmarks"),
      api("api-compaction", false, "the store forgets its old revisions: 410 Gone"),
      api("api-restart", false, "an API server is restarted (an upgrade)",
          {duration("delay", 1h, 2s, "until it is back")}),
      api("api-stale-front-end", true, "clients' requests reach another API server than before, which lags",
          {duration("delay", 1h, 5s, "how far that server's caches lag behind")}),
      api("etcd-leader-change", true, "etcd elects a leader: writes stall until it has one",
          {word("then", {"go-on", "fail-before", "fail-after"},
                "stalled writes go on, fail before their commit, or fail after it")}),
  };
}

}  // namespace racebed::faults

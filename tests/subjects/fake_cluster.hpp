// An API server of a few lines for one collection, whose watch the test can hold back, and the life of one
// replica of a subject in front of it. Everything a subject does to the world becomes a line of a story.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/kube/api_transport.hpp"
#include "experiments/subjects/subject.hpp"
#include "models/slack/slack_policy.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments::tests {

using kube::Json;

class FakeStream;

/// Objects by path, with resourceVersions that are checked and status writes that change nothing but the
/// status. A write that changes nothing makes no revision and no event.
class FakeCluster {
 public:
  explicit FakeCluster(sim::Kernel& kernel) : kernel_(kernel), begin_(kernel.now()) {}

  // What the test sets
  Duration latency = std::chrono::milliseconds{1};  // of a call, each way
  Duration watch_lag{0};                            // from a commit to its watch event
  bool watch_frozen = false;                        // events from now on are lost
  std::deque<int> refusals;                         // status codes for the next status writes; 0: let through
  std::function<void()> before_status_write;        // somebody else's act, just before one arrives

  /// Creates or replaces a notification, as somebody else.
  void put(const std::string& name, Json object);
  void remove(const std::string& name);
  bool has(const std::string& name) const { return objects_.contains(path_of(name)); }
  const Json& notification(const std::string& name) const { return objects_.at(path_of(name)); }
  const Json& status(const std::string& name) const { return notification(name).at("status"); }
  const std::map<std::string, Json>& objects() const { return objects_; }

  /// "12ms put a Pending Initialized, 0 attempts -> 200"
  void tell(const std::string& what);
  const std::string& story() const { return story_; }
  Duration since_begin() const { return kernel_.now() - begin_; }

  kube::ApiResponse handle(const kube::ApiRequest& request);
  /// What a watch with sendInitialEvents begins with: the objects, and the bookmark that ends them.
  std::deque<kube::WatchMessage> initial_events() const;

 private:
  friend class FakeStream;
  struct Event {
    Time at;
    std::string type;
    Json object;
  };
  static std::string path_of(const std::string& name);
  static bool is_notification(const std::string& path);
  Json& commit(const std::string& path, Json object);
  void announce(const char* type, const std::string& path, const Json& object);
  kube::ApiResponse put_status(const std::string& path, const Json& body);
  kube::ApiResponse list();

  sim::Kernel& kernel_;
  Time begin_;
  int revision_ = 10;
  int uids_ = 0;
  std::map<std::string, Json> objects_;
  std::vector<Event> events_;
  std::vector<FakeStream*> streams_;  // open watches, oldest first
  std::string story_;
};

/// A notification as a user creates it; `status` may be null.
Json notification(std::vector<std::string> channels, Json policy = Json::object(), Json status = nullptr);
/// A status with these attempts, counted.
Json status_of(const char* phase, std::vector<Json> attempts = {});
Json attempt(const char* channel, const char* status, const char* error = nullptr);

/// What one run of the subject in front of a cluster is made of.
struct Stage {
  sim::Kernel& kernel;
  FakeCluster& cluster;
  std::deque<ErrorCode> console_errors;  // of the next console writes; then success
  std::vector<std::string> console;      // what was written with success
  std::vector<Duration> console_calls;   // when each write was tried, with or without success
  std::vector<Json> audit;
  std::vector<std::string> logs;
  SubjectOptions options;
  /// Called before the replica starts, with the environment that it will get.
  std::function<void(SubjectEnvironment&)> before_start{};
  /// Slack's webhook over plain HTTP, when wanted: its verdicts on posts, one after the other, then success.
  bool with_slack = false;
  std::deque<models::SlackVerdict> slack_verdicts{};
  std::vector<Duration> slack_posts{};  // when each was decided on
  std::size_t slack_accepted = 0;
  sim::Process* replica = nullptr;  // once it runs
  bool is_terminated = false;       // by then the replica has been asked to end, and has ended
};

/// Runs one replica of `subject` for `duration` under the dullest choices; `arrange` sets the stage before
/// it, `check` looks at it after.
void play(const Subject& subject, Duration duration, const std::function<void(Stage&)>& arrange,
          const std::function<void(Stage&)>& check);

}  // namespace racebed::experiments::tests

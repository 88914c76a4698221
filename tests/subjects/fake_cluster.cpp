#include "tests/subjects/fake_cluster.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runtime/event.hpp"
#include "tests/subjects/fake_slack.hpp"

namespace racebed::experiments::tests {
namespace {

using kube::ApiRequest;
using kube::ApiResponse;
using kube::TransportError;

constexpr const char* kCollection =
    "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests";

ApiResponse answer(int code, Json body) {
  ApiResponse response;
  response.status = code;
  response.body = std::make_shared<const Json>(std::move(body));
  return response;
}
ApiResponse refuse(int code) {
  const char* reason = code == 409 ? "Conflict" : code == 404 ? "NotFound" : "InternalError";
  return answer(code, {{"kind", "Status"},
                       {"status", "Failure"},
                       {"code", code},
                       {"reason", reason},
                       {"message", fmt::format("refused with {}", code)}});
}

}  // namespace

/// An open watch of the collection: each event when it is due, in order.
class FakeStream final : public kube::WatchStream {
 public:
  FakeStream(Runtime& runtime, FakeCluster& cluster, bool with_state)
      : runtime_(runtime), cluster_(cluster), next_(cluster.events_.size()), arrived_(runtime.clock) {
    if (with_state) state_ = cluster.initial_events();
    cluster_.streams_.push_back(this);
  }
  ~FakeStream() override { std::erase(cluster_.streams_, this); }
  asio::awaitable<Result<kube::WatchMessage, TransportError>> next(Instant until) override {
    if (!state_.empty()) {
      kube::WatchMessage first = std::move(state_.front());
      state_.pop_front();
      co_return first;
    }
    while (next_ == cluster_.events_.size()) {
      if (!co_await arrived_.wait_until(until))
        co_return kube::TransportError{kube::TransportError::Outcome::unknown, "silence"};
    }
    const FakeCluster::Event event = cluster_.events_[next_++];
    const Time due = event.at + cluster_.watch_lag;
    co_await runtime_.clock.sleep_for(std::max(Duration{0}, due - cluster_.kernel_.now()));
    kube::WatchMessage message{event.type, std::make_shared<const Json>(event.object)};
    co_return message;
  }
  void notify() { arrived_.notify_all(); }

 private:
  Runtime& runtime_;
  FakeCluster& cluster_;
  std::size_t next_;
  std::deque<kube::WatchMessage> state_;
  racebed::Event arrived_;
};

namespace {

class FakeLine final : public kube::ApiTransport {
 public:
  FakeLine(Runtime& runtime, FakeCluster& cluster) : runtime_(runtime), cluster_(cluster) {}
  asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration) override {
    co_await runtime_.clock.sleep_for(cluster_.latency);
    ApiResponse response = cluster_.handle(request);
    co_await runtime_.clock.sleep_for(cluster_.latency);
    co_return response;
  }
  asio::awaitable<Result<kube::WatchAnswer, TransportError>> watch(ApiRequest request, Duration) override {
    kube::WatchAnswer answer;
    const bool with_state = request.target.find("sendInitialEvents=true") != std::string::npos;
    answer.stream = std::make_unique<FakeStream>(runtime_, cluster_, with_state);
    co_return answer;
  }

 private:
  Runtime& runtime_;
  FakeCluster& cluster_;
};

class KeptLines final : public obs::LogSink {
 public:
  explicit KeptLines(std::vector<std::string>& lines) : lines_(lines) {}
  void line(obs::Level, std::string_view text) override { lines_.emplace_back(text); }

 private:
  std::vector<std::string>& lines_;
};

asio::awaitable<void> replica(Runtime& runtime, const Subject& subject, Stage& stage) {
  FakeLine line(runtime, stage.cluster);
  KeptLines logs(stage.logs);
  const auto console = [&stage](std::string_view text) {
    ErrorCode error;
    if (!stage.console_errors.empty()) {
      error = stage.console_errors.front();
      stage.console_errors.pop_front();
    }
    stage.console_calls.push_back(stage.cluster.since_begin());
    stage.cluster.tell(error ? "console fails" : "console takes it");
    if (!error) stage.console.emplace_back(text);
    return error;
  };
  SubjectEnvironment environment{runtime,
                                 line,
                                 logs,
                                 "replica-0_1",
                                 console,
                                 [](std::string_view) { return ErrorCode(); },
                                 [&stage](const std::vector<Json>& records) {
                                   stage.audit.insert(stage.audit.end(), records.begin(), records.end());
                                   return ErrorCode();
                                 },
                                 [](const Json&) { return ErrorCode(); }};
  if (stage.with_slack) environment.slack.webhook_url = FakeSlack::kUrl;
  if (stage.before_start) stage.before_start(environment);
  co_await subject.run(environment, stage.options);
}

}  // namespace

std::string FakeCluster::path_of(const std::string& name) {
  return std::string(kCollection) + "/" + name;
}
bool FakeCluster::is_notification(const std::string& path) {
  return path.find("/notificationrequests/") != std::string::npos;
}

void FakeCluster::tell(const std::string& what) {
  story_ += fmt::format("{}ms {}\n", since_begin() / std::chrono::milliseconds{1}, what);
}

void FakeCluster::announce(const char* type, const std::string& path, const Json& object) {
  if (!is_notification(path) || watch_frozen) return;
  events_.push_back({kernel_.now(), type, object});
  for (FakeStream* stream : streams_) stream->notify();
}

Json& FakeCluster::commit(const std::string& path, Json object) {
  const bool is_new = !objects_.contains(path);
  object["metadata"]["resourceVersion"] = std::to_string(++revision_);
  Json& kept = objects_[path] = std::move(object);
  announce(is_new ? "ADDED" : "MODIFIED", path, kept);
  return kept;
}

void FakeCluster::put(const std::string& name, Json object) {
  const std::string path = path_of(name);
  object["metadata"]["name"] = name;
  object["metadata"]["namespace"] = "default";
  const auto found = objects_.find(path);
  object["metadata"]["uid"] =
      found == objects_.end() ? Json(fmt::format("uid-{}", ++uids_)) : found->second["metadata"]["uid"];
  object["metadata"]["generation"] = 1;
  commit(path, std::move(object));
}

void FakeCluster::remove(const std::string& name) {
  Json last = objects_.at(path_of(name));
  objects_.erase(path_of(name));
  last["metadata"]["resourceVersion"] = std::to_string(++revision_);
  announce("DELETED", path_of(name), last);
}

ApiResponse FakeCluster::put_status(const std::string& path, const Json& body) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (before_status_write) std::exchange(before_status_write, nullptr)();
  int code = 200;
  if (!refusals.empty()) {
    code = refusals.front() == 0 ? 200 : refusals.front();
    refusals.pop_front();
  }
  const auto found = objects_.find(path);
  if (code == 200 && found == objects_.end()) code = 404;
  if (code == 200) {
    const Json& current = found->second["metadata"];
    const Json& sent = body.at("metadata");
    if (current["resourceVersion"] != sent["resourceVersion"] || current["uid"] != sent["uid"]) code = 409;
  }
  const Json& status = body.at("status");
  tell(fmt::format("put {} {} {}, {} attempts -> {}", name, status.value("phase", "?"),
                   status.value("reason", "-"), status.value("totalAttempts", 0), code));
  if (code != 200) return refuse(code);
  Json object = found->second;
  if (object.value("status", Json()) == status) return answer(200, object);
  object["status"] = status;
  return answer(200, commit(path, std::move(object)));
}

ApiResponse FakeCluster::list() {
  Json items = Json::array();
  for (const auto& [path, object] : objects_) {
    if (is_notification(path)) items.push_back(object);
  }
  return answer(200, {{"metadata", {{"resourceVersion", std::to_string(revision_)}}}, {"items", items}});
}

std::deque<kube::WatchMessage> FakeCluster::initial_events() const {
  std::deque<kube::WatchMessage> state;
  for (const auto& [path, object] : objects_) {
    if (is_notification(path)) state.push_back({"ADDED", std::make_shared<const Json>(object)});
  }
  const Json end{{"metadata",
                  {{"resourceVersion", std::to_string(revision_)},
                   {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}};
  state.push_back({"BOOKMARK", std::make_shared<const Json>(end)});
  return state;
}

ApiResponse FakeCluster::handle(const ApiRequest& request) {
  std::string path = request.target.substr(0, request.target.find('?'));
  const auto found = objects_.find(path);
  switch (request.verb) {
    case kube::Verb::get:
      if (path.ends_with("/notificationrequests")) return list();
      return found == objects_.end() ? refuse(404) : answer(200, found->second);
    case kube::Verb::post:
      path += "/" + request.body->at("metadata").at("name").get<std::string>();
      if (objects_.contains(path)) return refuse(409);
      return answer(201, commit(path, *request.body));
    case kube::Verb::put:
      if (path.ends_with("/status")) return put_status(path.substr(0, path.size() - 7), *request.body);
      if (found == objects_.end()) return refuse(404);
      if (found->second["metadata"]["resourceVersion"] != request.body->at("metadata")["resourceVersion"])
        return refuse(409);
      return answer(200, commit(path, *request.body));
    case kube::Verb::patch: {
      if (found == objects_.end()) return refuse(404);
      Json patched = found->second;
      patched.merge_patch(*request.body);
      return answer(200, commit(path, std::move(patched)));
    }
    default:
      return refuse(500);
  }
}

Json notification(std::vector<std::string> channels, Json policy, Json status) {
  Json object = {{"apiVersion", "notification.kubernaut.ai/v1alpha1"},
                 {"kind", "NotificationRequest"},
                 {"metadata", Json::object()},
                 {"spec",
                  {{"type", "simple"},
                   {"priority", "high"},
                   {"subject", "disk full [token:t-1]"},
                   {"body", "on node 7"},
                   {"channels", std::move(channels)},
                   {"retryPolicy", policy.is_null() ? Json::object() : std::move(policy)}}}};
  if (!status.is_null()) object["status"] = std::move(status);
  return object;
}

Json attempt(const char* channel, const char* status, const char* error) {
  Json made = {
      {"channel", channel}, {"attempt", 0}, {"timestamp", "2025-11-29T00:00:00Z"}, {"status", status}};
  if (error != nullptr) made["error"] = error;
  return made;
}

Json status_of(const char* phase, std::vector<Json> attempts) {
  int good = 0;
  for (const Json& made : attempts) good += made.at("status") == "success" ? 1 : 0;
  const int total = static_cast<int>(attempts.size());
  return {{"phase", phase},         {"reason", "Before"},           {"deliveryAttempts", std::move(attempts)},
          {"totalAttempts", total}, {"successfulDeliveries", good}, {"failedDeliveries", total - good}};
}

void play(const Subject& subject, Duration duration, const std::function<void(Stage&)>& arrange,
          const std::function<void(Stage&)>& check) {
  sim::Choices choices(sim::scripted_choices({}));
  sim::Kernel kernel(choices);
  FakeCluster cluster(kernel);
  Stage stage{kernel, cluster, {}, {}, {}, {}, {}, {}};
  stage.options.leader_election = false;  // as the original was deployed
  arrange(stage);
  std::optional<FakeSlack> slack;
  if (stage.with_slack) slack.emplace(kernel, choices, stage);
  sim::Process& process = kernel.add_process({.name = "replica-0"});
  stage.replica = &process;
  process.start([&](Runtime& runtime) { return replica(runtime, subject, stage); });
  kernel.run(kernel.now() + duration);
  // It neither crashed nor gave up.
  CHECK(process.state() == (stage.is_terminated ? sim::ProcessState::dead : sim::ProcessState::running));
  process.kill();
  if (slack) slack->close();
  check(stage);
}

}  // namespace racebed::experiments::tests

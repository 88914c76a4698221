// An API server that answers from a script and writes down what it was asked: for transcripts of client
// machinery.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/api_transport.hpp"
#include "runtime/runtime.hpp"
#include "sim/kernel.hpp"

namespace racebed::kube::tests {

/// A line for each thing that happened: "1200ms get ... -> 200".
struct Story {
  explicit Story(sim::Kernel& k) : kernel(k), begin(k.now()) {}
  void operator()(std::string_view what) {
    text += fmt::format("{}ms {}\n",
                        std::chrono::duration_cast<std::chrono::milliseconds>(kernel.now() - begin).count(),
                        what);
  }
  sim::Kernel& kernel;
  Time begin;
  std::string text;
};

/// One event of a scripted watch, `after` the one before it.
struct Push {
  Duration after{0};
  std::string type;  // empty: the stream ends; "RESET": it breaks
  Json object;
};

struct Reply {
  int status = 200;
  Json body;
  std::optional<Duration> retry_after;
  std::optional<TransportError::Outcome> broken;  // no answer at all
  Duration takes{0};                              // until the answer
  std::vector<Push> pushes;                       // of a watch; then it stays open and silent
};

inline Reply refused() {
  Reply reply;
  reply.broken = TransportError::Outcome::not_sent;
  return reply;
}
inline Reply lost(Duration takes = Duration{0}) {
  Reply reply;
  reply.broken = TransportError::Outcome::unknown;
  reply.takes = takes;
  return reply;
}
inline Reply failed(int status, std::string reason, std::optional<Duration> retry_after = std::nullopt) {
  Reply reply;
  reply.status = status;
  reply.body = {{"kind", "Status"}, {"code", status}, {"reason", std::move(reason)}};
  reply.retry_after = retry_after;
  return reply;
}
inline Reply answer(Json body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}
inline Reply stream(std::vector<Push> pushes) {
  Reply reply;
  reply.pushes = std::move(pushes);
  return reply;
}

inline Json widget(const std::string& name, const std::string& uid, int revision) {
  return {
      {"metadata",
       {{"namespace", "ns"}, {"name", name}, {"uid", uid}, {"resourceVersion", std::to_string(revision)}}}};
}
inline Json list_of(int revision, std::vector<Json> items, const std::string& token = {}) {
  Json list = {{"metadata", {{"resourceVersion", std::to_string(revision)}}}, {"items", std::move(items)}};
  if (!token.empty()) list["metadata"]["continue"] = token;
  return list;
}
inline Json bookmark(int revision) {
  return {{"metadata", {{"resourceVersion", std::to_string(revision)}}}};
}

class ScriptedStream final : public WatchStream {
 public:
  ScriptedStream(Runtime& runtime, std::vector<Push> pushes)
      : runtime_(runtime), pushes_(pushes.begin(), pushes.end()) {}
  asio::awaitable<Result<WatchMessage, TransportError>> next(Instant until) override {
    if (pushes_.empty() || runtime_.clock.steady_now() + pushes_.front().after > until) {
      co_await runtime_.clock.sleep_until(until);
      co_return TransportError{TransportError::Outcome::unknown, "silence"};
    }
    const Push push = std::move(pushes_.front());
    pushes_.pop_front();
    co_await runtime_.clock.sleep_for(push.after);
    if (push.type.empty()) co_return WatchMessage{};
    if (push.type == "RESET") co_return TransportError{TransportError::Outcome::unknown, "reset"};
    WatchMessage message{push.type, std::make_shared<const Json>(push.object)};
    co_return message;
  }

 private:
  Runtime& runtime_;
  std::deque<Push> pushes_;
};

/// Replies in order, whatever is asked; after the last, silence.
class ScriptedServer final : public ApiTransport {
 public:
  ScriptedServer(Runtime& runtime, Story& story, std::vector<Reply> replies)
      : runtime_(runtime), story_(story), replies_(replies.begin(), replies.end()) {}

  asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration timeout) override {
    const Reply reply = co_await take(request, timeout);
    if (reply.broken) co_return TransportError{*reply.broken, "broken"};
    co_return response(reply);
  }
  asio::awaitable<Result<WatchAnswer, TransportError>> watch(ApiRequest request, Duration timeout) override {
    const Reply reply = co_await take(request, timeout);
    if (reply.broken) co_return TransportError{*reply.broken, "broken"};
    WatchAnswer answer;
    if (reply.status == 200) {
      answer.stream = std::make_unique<ScriptedStream>(runtime_, reply.pushes);
    } else {
      answer.refusal = response(reply);
    }
    co_return answer;
  }

 private:
  static ApiResponse response(const Reply& reply) {
    ApiResponse response;
    response.status = reply.status;
    if (!reply.body.is_null()) response.body = std::make_shared<const Json>(reply.body);
    response.retry_after = reply.retry_after;
    return response;
  }
  asio::awaitable<Reply> take(const ApiRequest& request, Duration timeout) {
    constexpr std::string_view kVerbs[] = {"get", "post", "put", "patch", "delete"};
    std::string line =
        fmt::format("{} {}", kVerbs[static_cast<int>(request.verb)], short_target(request.target));
    if (replies_.empty()) {
      story_(line + " -> silence");
      co_await runtime_.clock.sleep_for(timeout);
      co_return lost();
    }
    Reply reply = std::move(replies_.front());
    replies_.pop_front();
    story_(fmt::format("{} -> {}", line, reply.broken ? "broken" : std::to_string(reply.status)));
    co_await runtime_.clock.sleep_for(reply.takes);
    co_return reply;
  }
  /// Without what is the same in every line.
  static std::string short_target(std::string target) {
    for (const std::string_view noise : {"/apis/example.com/v1", "/apis/coordination.k8s.io/v1", "/api/v1",
                                         "watch=1&allowWatchBookmarks=true&", "&timeoutSeconds=300"}) {
      if (const auto at = target.find(noise); at != std::string::npos) target.erase(at, noise.size());
    }
    return target;
  }

  Runtime& runtime_;
  Story& story_;
  std::deque<Reply> replies_;
};

/// Runs `main` as a process for `duration` with the dullest choices throughout, and returns the story.
inline std::string tell(Duration duration,
                        const std::function<asio::awaitable<void>(Runtime&, Story&)>& main) {
  sim::Choices choices(sim::scripted_choices({}));
  sim::Kernel kernel(choices);
  Story story(kernel);
  sim::Process& process = kernel.add_process({.name = "client"});
  process.start([&](Runtime& runtime) { return main(runtime, story); });
  kernel.run(kernel.now() + duration);
  return story.text;
}

}  // namespace racebed::kube::tests

// Invariants about what a status says of itself: planted violations and legal twins.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/invariants/story.hpp"

using namespace racebed;
using models::Json;
using racebed::tests::Story;
using namespace std::chrono_literals;

namespace {

constexpr const char* kBegin = "2025-11-29T00:00:00Z";

std::string at(int second) {
  return "2025-11-29T00:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z";
}
Json attempt(const char* channel, int number, const char* status, int second = 1) {
  Json json{{"channel", channel}, {"attempt", number}, {"timestamp", at(second)}, {"status", status}};
  if (json["status"] == "failed") json["error"] = "http-5xx: 503";
  return json;
}
/// Delivered to Slack and to the console, as it should be written.
Json sent() {
  return Json{{"phase", "Sent"},
              {"reason", "AllDeliveriesSucceeded"},
              {"message", "Successfully delivered to 2 channel(s)"},
              {"deliveryAttempts", {attempt("slack", 1, "success"), attempt("console", 1, "success")}},
              {"totalAttempts", 2},
              {"successfulDeliveries", 2},
              {"failedDeliveries", 0},
              {"observedGeneration", 1},
              {"queuedAt", kBegin},
              {"processingStartedAt", at(1)},
              {"completionTime", at(2)},
              {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}};
}
/// The console has it, Slack failed twice and is open again.
Json retrying() {
  return Json{{"phase", "Retrying"},
              {"reason", "PartialFailureRetrying"},
              {"message", "Delivered to 1/2 channel(s), retrying failed channels with backoff"},
              {"deliveryAttempts",
               {attempt("slack", 1, "failed"), attempt("console", 1, "success"),
                attempt("slack", 2, "timeout", 2), attempt("slack", 3, "pending", 3)}},
              {"totalAttempts", 4},
              {"successfulDeliveries", 1},
              {"failedDeliveries", 1},
              {"observedGeneration", 1},
              {"queuedAt", kBegin},
              {"processingStartedAt", at(1)},
              {"conditions",
               {{{"type", "Ready"}, {"status", "False"}}, {{"type", "Progressing"}, {"status", "True"}}}}};
}
std::string judge(const Json& status, const Json& before = nullptr) {
  Story story;
  story.create("a", "1", {"slack", "console"}).at(3s);
  if (!before.is_null()) story.writes("1", before);
  return story.at(4s).writes("1", status).judge("counts-consistent");
}
Json with(Json status, const char* path, Json value) {
  status[Json::json_pointer(path)] = std::move(value);
  return status;
}
Json without(Json status, const char* name) {
  status.erase(name);
  return status;
}

}  // namespace

TEST_CASE("counts-consistent: statuses as they should be") {
  CHECK(judge(sent()) == "held");
  CHECK(judge(retrying()) == "held");
  CHECK(judge(sent(), with(sent(), "/deliveryAttempts", {attempt("slack", 1, "success")})) != "not reached");
  CHECK(judge(with(retrying(), "/totalAttempts", 3)) == "held");  // an open attempt may or may not be counted
  Json before = retrying();
  Json after = with(before, "/deliveryAttempts/3/status", "success");
  after = with(with(after, "/successfulDeliveries", 2), "/failedDeliveries", 0);
  after =
      with(with(after, "/message", "Delivered to 2/2 channel(s)"), "/deliveryAttempts/3/timestamp", at(4));
  CHECK(judge(after, before) == "held");  // the open attempt is closed
  CHECK(Story().create("a", "1").writes("1", Json{{"phase", "Pending"}}).judge("counts-consistent") ==
        "not reached");
}

TEST_CASE("counts-consistent: each kind of contradiction is one") {
  const auto violated = [](const Json& status) { CHECK(judge(status) == "violated"); };
  violated(with(sent(), "/totalAttempts", 3));
  violated(without(sent(), "totalAttempts"));
  violated(with(sent(), "/successfulDeliveries", 1));
  violated(with(retrying(), "/failedDeliveries", 2));  // attempts, not channels
  violated(with(sent(), "/deliveryAttempts/0/attempt", 0));
  violated(with(retrying(), "/deliveryAttempts/2/attempt", 1));
  violated(with(retrying(), "/deliveryAttempts/2/attempt", 3));
  violated(without(sent(), "completionTime"));
  violated(with(retrying(), "/completionTime", at(2)));
  violated(without(sent(), "queuedAt"));
  violated(without(sent(), "processingStartedAt"));
  violated(with(sent(), "/reason", "ProcessingDeliveries"));
  violated(with(sent(), "/message", "Successfully delivered to 1 channel(s)"));
  violated(with(retrying(), "/message", "Delivered to 0/2 channel(s), retrying"));
  violated(with(retrying(), "/message", "Delivered to 1/3 channel(s), retrying"));
  violated(with(retrying(), "/message",
                "Delivered to 1/2 channel(s), retrying with backoff 30s"));  // twice failed
  CHECK(judge(with(retrying(), "/message", "Delivered to 1/2 channel(s), retrying with backoff 1m2s")) ==
        "held");
  violated(with(sent(), "/phase", "Failed"));
  violated(with(with(sent(), "/phase", "PartiallySent"), "/reason", "PartialDeliverySuccess"));
  violated(with(sent(), "/deliveryAttempts/1", attempt("slack", 2, "success")));  // Sent without the console
  violated(with(sent(), "/conditions/0/status", "False"));
  violated(with(retrying(), "/conditions/0/status", "True"));
  violated(with(sent(), "/conditions/0/type", "Progressing"));
  violated(with(sent(), "/completionTime", "2025-11-29T00:00:30Z"));                // not yet
  violated(with(sent(), "/deliveryAttempts/0/timestamp", "2025-11-28T23:59:50Z"));  // before its creation
  violated(with(sent(), "/deliveryAttempts/0/timestamp", "noon"));
  violated(with(sent(), "/queuedAt", at(2)));  // after the processing began
}

TEST_CASE("counts-consistent: what waits for a retry is not Sending") {
  const auto sending = [](std::vector<Json> attempts) {
    Json status = with(with(retrying(), "/phase", "Sending"), "/reason", "ProcessingDeliveries");
    status["message"] = "Processing delivery channels";
    status["deliveryAttempts"] = std::move(attempts);
    status["totalAttempts"] = status["deliveryAttempts"].size();
    status["successfulDeliveries"] = 0;
    status["failedDeliveries"] = 0;
    for (const Json& one : status["deliveryAttempts"])
      if (one["status"] != "pending")
        status[one["status"] == "success" ? "successfulDeliveries" : "failedDeliveries"] = 1;
    return status;
  };
  const Json console = attempt("console", 1, "success");
  CHECK(judge(sending({console, attempt("slack", 1, "failed")})) == "violated");
  // Slack is still to come, or under way again.
  CHECK(judge(sending({console})) == "held");
  CHECK(judge(sending({console, attempt("slack", 1, "pending")})) == "held");
}

TEST_CASE("status-bounded: however much the other end says, the status says little") {
  const char* const id = "status-bounded";
  const auto failed = [](std::size_t bytes) {
    Json one = attempt("slack", 1, "failed");
    one["error"] = std::string(bytes, 'x');
    return Story().create("a", "1").writes("1", Json{{"phase", "Retrying"}, {"deliveryAttempts", {one}}});
  };
  CHECK(failed(2048).judge(id) == "held");
  CHECK(failed(2049).judge(id) == "violated");
  CHECK(Story().create("a", "1").writes("1", sent()).judge(id) == "not reached");
}

TEST_CASE("counts-consistent: what was recorded stays") {
  const Json before = retrying();
  Json gone = before;
  gone["deliveryAttempts"].erase(2);
  gone["totalAttempts"] = 3;
  CHECK(judge(gone, before) == "violated");
  CHECK(judge(with(before, "/deliveryAttempts/0/status", "timeout"), before) == "violated");
  CHECK(judge(with(before, "/deliveryAttempts/0/timestamp", at(2)), before) == "violated");
  CHECK(judge(with(before, "/queuedAt", at(1)), before) == "violated");
}

TEST_CASE("counts-consistent: the generation acted on is said, and is none of the future") {
  const auto generation = [](int of_object, Json status) {
    Json object{{"metadata", {{"name", "a"}, {"uid", "1"}, {"generation", of_object}}}, {"status", status}};
    return Story()
        .create("a", "1", {"slack", "console"})
        .at(4s)
        .fact({"controller-0", 1}, models::Committed{models::Committed::Operation::status,
                                                     {"notificationrequests", "default", "a", "1"},
                                                     9,
                                                     nullptr,
                                                     std::make_shared<const Json>(object)})
        .judge("counts-consistent");
  };
  CHECK(generation(1, sent()) == "held");
  CHECK(generation(2, sent()) == "held");
  CHECK(generation(1, with(sent(), "/observedGeneration", 2)) == "violated");
  CHECK(generation(1, without(sent(), "observedGeneration")) == "violated");
}

TEST_CASE("counts-consistent: when no try is left the status is an end") {
  const auto after_tries = [](int failed) {
    Json status = retrying();
    status["deliveryAttempts"] = {attempt("console", 1, "success")};
    for (int n = 1; n <= failed; ++n) status["deliveryAttempts"].push_back(attempt("slack", n, "failed", n));
    status["totalAttempts"] = failed + 1;
    status["failedDeliveries"] = failed > 0 ? 1 : 0;
    return status;
  };
  CHECK(judge(after_tries(4)) == "held");
  CHECK(judge(after_tries(5)) == "violated");
  // 404 is final where the status knows of it already.
  const auto after_answer = [&](int answer, int recorded) {
    return Story()
        .create("a", "1", {"slack", "console"})
        .asked("1")
        .refuses("1", answer)
        .at(4s)
        .writes("1", after_tries(recorded))
        .judge("counts-consistent");
  };
  CHECK(after_answer(404, 1) == "violated");
  CHECK(after_answer(404, 0) == "held");
  CHECK(after_answer(503, 1) == "held");
}

TEST_CASE("counts-consistent: a wrong clock excuses wrong times, and nothing else") {
  const auto skewed = [](const Json& status) {
    return Story()
        .create("a", "1", {"slack", "console"})
        .at(4s)
        .fires("clock-jump")
        .writes("1", status)
        .judge("counts-consistent");
  };
  CHECK(skewed(with(sent(), "/deliveryAttempts/0/timestamp", "2025-11-28T23:00:00Z")) == "held");
  CHECK(skewed(with(sent(), "/totalAttempts", 3)) == "violated");
}

TEST_CASE("no-hot-loop: a write has something to say, and none comes after the end") {
  const char* const id = "no-hot-loop";
  const auto two = [&](const Json& first, const Json& second, const char* by = "controller-0") {
    return Story().create("a", "1").at(1s).writes("1", first).at(2s).writes("1", second, by).judge(id);
  };
  CHECK(two(retrying(), sent()) == "held");
  CHECK(two(retrying(), retrying()) == "violated");
  CHECK(two(retrying(), with(retrying(), "/processingStartedAt", at(30))) == "violated");
  CHECK(two(sent(), with(sent(), "/message", "again")) == "violated");
  CHECK(two(sent(), with(sent(), "/message", "again"), "another-client") == "held");
  CHECK(Story().create("a", "1").judge(id) == "not reached");
}

TEST_CASE("no-hot-loop: writes and requests are bounded by what there is to do") {
  const char* const id = "no-hot-loop";
  const auto writes = [&](int count, Duration each) {
    Story story;
    story.create("a", "1");
    for (int i = 0; i < count; ++i)
      story.at(each * i).writes("1", with(retrying(), "/message", "round " + std::to_string(i)));
    return story.judge(id);
  };
  CHECK(writes(20, 100ms) == "held");
  CHECK(writes(60, 100ms) == "violated");
  CHECK(writes(60, 15s) == "held");  // a breaker that opens and closes for a quarter of an hour
  const auto reads = [&](int count, Duration each) {
    Story story;
    story.create("a", "1").writes("1", retrying());
    for (int i = 0; i < count; ++i) story.at(each * i).reads("1");
    return story.judge(id);
  };
  CHECK(reads(500, 100ms) == "held");
  CHECK(reads(500, 10ms) == "violated");
}

TEST_CASE("no-hot-loop: in a quiet world nobody asks for what is finished") {
  const char* const id = "no-hot-loop";
  const auto asks = [&](const Json& status, Duration from) {
    Story story;
    story.create("a", "1").writes("1", status).writes("1", with(status, "/message", "done"));
    for (int i = 0; i < 20; ++i) story.at(from + 10s * i).reads("1");
    return story.judge(id);
  };
  CHECK(asks(retrying(), 2min) == "held");
  Story finished;
  finished.create("a", "1").writes("1", retrying()).writes("1", sent());
  for (int i = 0; i < 20; ++i) finished.at(2min + 10s * i).reads("1");
  CHECK(finished.judge(id) == "violated");
}

TEST_CASE("no-crash: a crash, a panic in the log, an end without a fault behind it") {
  const char* const id = "no-crash";
  using What = models::ProcessEvent::What;
  CHECK(Story().process("controller-0", What::crashed, 1, "std::bad_alloc").judge(id) == "violated");
  CHECK(Story().process("slack", What::crashed).judge(id) == "not reached");
  CHECK(Story().process("controller-0", What::exited).judge(id) == "violated");
  CHECK(Story().at(1s).fires("process-pause").at(30s).process("controller-0", What::exited).judge(id) ==
        "held");
  CHECK(Story()
            .fires("process-pause")
            .at(1min)
            .settles()
            .at(10min)
            .process("controller-0", What::exited)
            .judge(id, 20min) == "violated");
  CHECK(Story().process("controller-0", What::killed).holds_at_end("controller-0", 5, 0).judge(id) == "held");
  CHECK(Story().holds_at_end("controller-0", 5, 0).logs("panic: index out of range [recovered]").judge(id) ==
        "violated");
  CHECK(
      Story().holds_at_end("controller-0", 5, 0).logs("delivery failed error=\"http-5xx: 503\"").judge(id) ==
      "held");
  CHECK(Story().judge(id) == "not reached");
}

// Transcripts of a reflector whose state comes over the watch itself (client-go WatchList), and of what it
// does with servers that cannot.
#include <catch2/catch.hpp>

#include "tests/core_kube/followed_informer.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

Push added(const std::string& name, const std::string& uid, int revision, Duration after = 0s) {
  return {after, "ADDED", widget(name, uid, revision)};
}

Push whole(int revision, Duration after = 0s) {
  Json object = bookmark(revision);
  object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  return {after, "BOOKMARK", std::move(object)};
}

const std::string kFirst = "get /widgets?sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
const std::string kAgainFrom5 =
    "get /widgets?resourceVersion=5&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

}  // namespace

TEST_CASE("the state comes over the watch, and what happens next over the same stream") {
  CHECK(followed(2min, {stream({added("a", "u1", 3),
                                added("b", "u2", 4),
                                whole(5, 1s),
                                {1s, "MODIFIED", widget("a", "u1", 7)},
                                {58s, "", {}}}),
                        stream({})}) == "0ms " + kFirst +
                                            " -> 200\n"
                                            "1000ms   add a(u1,3) initial\n"
                                            "1000ms   add b(u2,4) initial\n"
                                            "1000ms   synced\n"
                                            "2000ms   update a(u1,3) to a(u1,7)\n"
                                            "60000ms get /widgets?resourceVersion=7 -> 200\n");
}

TEST_CASE(
    "changes that come before the state is whole are part of it, and a plain bookmark does not end it") {
  CHECK(followed(1min, {stream({added("a", "u1", 3),
                                added("b", "u2", 4),
                                {0s, "BOOKMARK", bookmark(4)},
                                {0s, "MODIFIED", widget("a", "u1", 6)},
                                {0s, "DELETED", widget("b", "u2", 7)},
                                whole(8)})}) == "0ms " + kFirst +
                                                    " -> 200\n"
                                                    "0ms   add a(u1,6) initial\n"
                                                    "0ms   synced\n");
}

TEST_CASE("a stream that ends before the state is whole is begun again, and nobody hears of the half") {
  for (const char* end : {"", "RESET"}) {
    CAPTURE(end);
    CHECK(followed(1min,
                   {stream({added("a", "u1", 3), {2s, end, {}}}), stream({added("b", "u2", 4), whole(5)})}) ==
          "0ms " + kFirst + " -> 200\n2000ms " + kFirst +
              " -> 200\n"
              "2000ms   add b(u2,4) initial\n"
              "2000ms   synced\n");
  }
}

TEST_CASE("a server that does not know streaming lists is listed, as before, each time") {
  for (const int status : {400, 422, 500}) {
    CAPTURE(status);
    CHECK(followed(1min, {failed(status, "Invalid"), answer(list_of(5, {widget("a", "u1", 3)})),
                          stream({{5s, "ERROR", {{"code", 410}}}}), failed(status, "Invalid"),
                          answer(list_of(9, {widget("a", "u1", 3)})), stream({})}) ==
          fmt::format("0ms {0} -> {2}\n"
                      "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
                      "0ms get /widgets?resourceVersion=5 -> 200\n"
                      "0ms   add a(u1,3) initial\n"
                      "0ms   synced\n"
                      "5800ms {1} -> {2}\n"
                      "5800ms get /widgets?resourceVersion=5 -> 200\n"
                      "5800ms get /widgets?resourceVersion=9 -> 200\n"
                      "5800ms   update a(u1,3) to a(u1,3)\n",
                      kFirst, kAgainFrom5, status));
  }
}

TEST_CASE("a stream that ends within a second without an event is no streaming list: the server is listed") {
  CHECK(followed(1min, {stream({{999ms, "", {}}}), answer(list_of(5, {})), stream({})}) ==
        "0ms " + kFirst +
            " -> 200\n"
            "999ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
            "999ms get /widgets?resourceVersion=5 -> 200\n"
            "999ms   synced\n");
}

TEST_CASE("a server that is away or asks for patience is asked the same again, after pauses") {
  CHECK(followed(1min, {refused(), failed(429, "TooManyRequests"), stream({{0s, "ERROR", {{"code", 429}}}}),
                        stream({whole(5)})}) == "0ms " + kFirst + " -> broken\n800ms " + kFirst +
                                                    " -> 429\n2400ms " + kFirst + " -> 200\n5600ms " +
                                                    kFirst + " -> 200\n5600ms   synced\n");
}

TEST_CASE("after 410 the state is streamed from the last revision on; if that is gone too, the latest") {
  // 1. a(u1) and b are known.  2. The watch says 410.  3. In the gap a is deleted and re-created, b is
  // deleted.
  const auto story = [](Reply first) {
    return followed(1min, {stream({added("a", "u1", 3),
                                   added("b", "u2", 4),
                                   whole(5),
                                   {5s, "ERROR", {{"code", 410}, {"reason", "Expired"}}}}),
                           first, stream({added("a", "u9", 18), whole(20)})});
  };
  const std::string begin = "0ms " + kFirst +
                            " -> 200\n"
                            "0ms   add a(u1,3) initial\n"
                            "0ms   add b(u2,4) initial\n"
                            "0ms   synced\n"
                            "5800ms " +
                            kAgainFrom5;
  const std::string end =
      " -> 200\n"
      "5800ms   delete b(u2,4) final state unknown\n"
      "5800ms   update a(u1,3) to a(u9,18)\n";
  CHECK(story(failed(410, "Expired")) == begin + " -> 410\n5800ms " + kFirst + end);
  CHECK(story(stream({{0s, "ERROR", {{"code", 410}}}})) == begin + " -> 200\n5800ms " + kFirst + end);
  Reply future = failed(504, "Timeout");
  future.body["message"] = "Too large resource version: 5, current: 2";
  CHECK(story(future) == begin + " -> 504\n5800ms " + kFirst + end);
}

TEST_CASE("a server that says of the latest state that it is gone is listed, not asked without a pause") {
  CHECK(followed(500ms, {failed(410, "Expired"), failed(500, "InternalError")}) ==
        "0ms " + kFirst + " -> 410\n0ms get /widgets?limit=500&resourceVersion=0 -> 500\n");
}

}  // namespace racebed::kube::tests

// Transcripts of reflector and informer together: what is asked of the server and what handlers hear. The
// state comes by lists here; streaming_list_test.cpp has it come over the watch.
#include "core/kube/informer.hpp"

#include <catch2/catch.hpp>

#include "tests/core_kube/followed_informer.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

/// LIST and WATCH, as client-go did before 0.35.
std::string listed(Duration duration, std::vector<Reply> replies, InformerOptions options = {}) {
  options.reflector.streaming = false;
  return followed(duration, std::move(replies), std::move(options));
}

}  // namespace

TEST_CASE(
    "an informer lists, then watches; a clean end is followed by a watch from the last revision at once") {
  CHECK(listed(2min, {answer(list_of(5, {widget("a", "u1", 3), widget("b", "u2", 4)})),
                      stream({{1s, "ADDED", widget("c", "u3", 6)},
                              {1s, "MODIFIED", widget("a", "u1", 7)},
                              {1s, "DELETED", widget("b", "u2", 8)},
                              {57s, "", {}}}),
                      stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   add a(u1,3) initial\n"
        "0ms   add b(u2,4) initial\n"
        "0ms   synced\n"
        "1000ms   add c(u3,6)\n"
        "2000ms   update a(u1,3) to a(u1,7)\n"
        "3000ms   delete b(u2,8)\n"
        "60000ms get /widgets?resourceVersion=8 -> 200\n");
}

TEST_CASE(
    "a watch that says nothing for 75 s is dead: it is watched again from where it was, and no event is "
    "lost") {
  CHECK(listed(100s, {answer(list_of(5, {widget("a", "u1", 3)})),
                      stream({{70s, "BOOKMARK", bookmark(6)}, {70s, "", {}}}), stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   add a(u1,3) initial\n"
        "0ms   synced\n");
  CHECK(
      listed(100s, {answer(list_of(5, {widget("a", "u1", 3)})),
                    stream({{2s, "MODIFIED", widget("a", "u1", 7)}, {76s, "DELETED", widget("a", "u1", 8)}}),
                    stream({{1s, "DELETED", widget("a", "u1", 8)}})}) ==
      "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
      "0ms get /widgets?resourceVersion=5 -> 200\n"
      "0ms   add a(u1,3) initial\n"
      "0ms   synced\n"
      "2000ms   update a(u1,3) to a(u1,7)\n"
      "77000ms get /widgets?resourceVersion=7 -> 200\n"
      "78000ms   delete a(u1,8)\n");
}

TEST_CASE("a bookmark moves the revision from which the next watch starts, and nobody hears of it") {
  CHECK(listed(1min, {answer(list_of(5, {})), stream({{2s, "BOOKMARK", bookmark(40)}, {1s, "", {}}}),
                      stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   synced\n"
        "3000ms get /widgets?resourceVersion=40 -> 200\n");
}

TEST_CASE("after 410 an informer relists from its last revision; a recreate in the gap shows as an update") {
  // 1. a(u1) and b are known.  2. The watch says 410.  3. In the gap a is deleted and re-created, b is
  // deleted, d is untouched.  4. The relist shows the difference of states, not what happened.
  CHECK(listed(1min, {answer(list_of(5, {widget("a", "u1", 3), widget("b", "u2", 4), widget("d", "u4", 2)})),
                      stream({{5s, "ERROR", {{"code", 410}, {"reason", "Expired"}}}}),
                      answer(list_of(20, {widget("a", "u9", 18), widget("d", "u4", 2)})), stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   add a(u1,3) initial\n"
        "0ms   add b(u2,4) initial\n"
        "0ms   add d(u4,2) initial\n"
        "0ms   synced\n"
        "5800ms get /widgets?resourceVersion=5 -> 200\n"
        "5800ms get /widgets?resourceVersion=20 -> 200\n"
        "5800ms   delete b(u2,4) final state unknown\n"
        "5800ms   update a(u1,3) to a(u9,18)\n"
        "5800ms   update d(u4,2) to d(u4,2)\n");
}

TEST_CASE("with DeltaFIFO's order a relist hands out deletions last") {
  InformerOptions options;
  options.deletions_first = false;
  const std::string text = listed(
      1min,
      {answer(list_of(5, {widget("a", "u1", 3), widget("b", "u2", 4)})),
       stream({{5s, "ERROR", {{"code", 410}}}}), answer(list_of(20, {widget("a", "u9", 18)})), stream({})},
      options);
  CHECK(text.find("update a(u1,3)") < text.find("delete b(u2,4) final state unknown"));
}

TEST_CASE("a list whose revision is gone is asked again at once, from the store") {
  for (const int status : {410, 504}) {
    Reply gone = failed(status, "x");
    gone.body["message"] = "Too large resource version: 5, current: 2";
    CHECK(listed(1min, {answer(list_of(5, {})), stream({{5s, "ERROR", {{"code", 500}}}}), gone,
                        answer(list_of(9, {})), stream({})}) ==
          fmt::format("0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
                      "0ms get /widgets?resourceVersion=5 -> 200\n"
                      "0ms   synced\n"
                      "5800ms get /widgets?resourceVersion=5 -> {}\n"
                      "5800ms get /widgets?limit=500 -> 200\n"
                      "5800ms get /widgets?resourceVersion=9 -> 200\n",
                      status));
  }
}

TEST_CASE("a watch that is refused for now is opened again after a pause, without a list") {
  CHECK(listed(1min, {answer(list_of(5, {})), refused(), failed(429, "TooManyRequests"), stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> broken\n"
        "0ms   synced\n"
        "800ms get /widgets?resourceVersion=5 -> 429\n"
        "2400ms get /widgets?resourceVersion=5 -> 200\n");
}

TEST_CASE(
    "a watch that breaks is opened again at once; one that ends within a second, unused, leads to a list") {
  CHECK(listed(1min, {answer(list_of(5, {})), stream({{2s, "RESET", {}}}), stream({{999ms, "RESET", {}}}),
                      answer(list_of(5, {})), stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   synced\n"
        "2000ms get /widgets?resourceVersion=5 -> 200\n"
        "3799ms get /widgets?resourceVersion=5 -> 200\n"
        "3799ms get /widgets?resourceVersion=5 -> 200\n");
}

TEST_CASE("pages are put together; when one expires the whole list is asked for") {
  CHECK(listed(1min, {answer(list_of(5, {widget("a", "u1", 1)}, "t1")),
                      answer(list_of(5, {widget("b", "u2", 2)}, "t2")), failed(410, "Expired"),
                      answer(list_of(6, {widget("a", "u1", 1), widget("c", "u3", 3)})), stream({})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?limit=500&continue=t1 -> 200\n"
        "0ms get /widgets?limit=500&continue=t2 -> 410\n"
        "0ms get /widgets?resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=6 -> 200\n"
        "0ms   add a(u1,1) initial\n"
        "0ms   add c(u3,3) initial\n"
        "0ms   synced\n");
}

TEST_CASE("failing lists are spaced 0.8 s, 1.6 s, ... at most 30 s, before jitter") {
  const std::vector<Reply> replies(8, failed(503, "ServiceUnavailable"));
  CHECK(listed(100s, replies) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "800ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "2400ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "5600ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "12000ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "24800ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "50400ms get /widgets?limit=500&resourceVersion=0 -> 503\n"
        "80400ms get /widgets?limit=500&resourceVersion=0 -> 503\n");
}

TEST_CASE(
    "a delete and re-create over a live watch is a delete and an add, and the deletion of a stranger is "
    "nothing") {
  CHECK(listed(1min, {answer(list_of(5, {widget("a", "u1", 3)})),
                      stream({{1s, "DELETED", widget("a", "u1", 6)},
                              {0s, "ADDED", widget("a", "u2", 7)},
                              {1s, "DELETED", widget("z", "u7", 8)}})}) ==
        "0ms get /widgets?limit=500&resourceVersion=0 -> 200\n"
        "0ms get /widgets?resourceVersion=5 -> 200\n"
        "0ms   add a(u1,3) initial\n"
        "0ms   synced\n"
        "1000ms   delete a(u1,6)\n"
        "1000ms   add a(u2,7)\n");
}

}  // namespace racebed::kube::tests

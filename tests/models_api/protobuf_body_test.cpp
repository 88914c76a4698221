// Bodies in Protocol Buffers become the JSON that would have come otherwise.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/protobuf.hpp"
#include "models/apiserver/protobuf_body.hpp"

using namespace racebed;
using namespace racebed::models;

namespace {

struct Member {
  int number;
  std::string bytes;
};

std::string made(std::initializer_list<Member> members) {
  ProtobufWriter out;
  for (const Member& member : members) out.bytes(member.number, member.bytes);
  return out.text();
}

std::string entry(std::string key, std::string value) {
  return made({{1, std::move(key)}, {2, std::move(value)}});
}

std::string body(std::string api_version, std::string kind, std::string raw) {
  return std::string("k8s\0", 4) + made({{1, made({{1, std::move(api_version)}, {2, std::move(kind)}})},
                                         {2, std::move(raw)},
                                         {3, ""},
                                         {4, ""}});
}

std::string shown(const std::string& bytes) {
  const auto object = json_of_protobuf(bytes);
  return object ? object->dump() : "nothing";
}

// Varints of fields below 16.
std::string integer(int number, char value) {
  return {static_cast<char>(number << 3), value};
}

}  // namespace

TEST_CASE("a body in Protocol Buffers is the object that it says") {
  // As Go writes it: strings that are not set are there and empty; a time that is not set is an empty
  // message.
  const std::string metadata = made({{1, "a"}, {2, ""}, {3, "default"}, {8, ""}, {11, entry("app", "x")}});
  struct Row {
    std::string bytes;
    const char* json;
  };
  for (
      const Row& row :
      {Row{body(
               "v1", "ConfigMap",
               made({{1, metadata}, {2, entry("k", "v")}, {2, entry("empty", "")}, {3, entry("b", "\x01")}})),
           R"({"apiVersion":"v1","binaryData":{"b":"AQ=="},"data":{"empty":"","k":"v"},"kind":"ConfigMap",)"
           R"("metadata":{"labels":{"app":"x"},"name":"a","namespace":"default"}})"},
       Row{body("v1", "Secret", made({{1, made({{1, "s"}})}, {2, entry("k", "v")}, {3, "Opaque"}})),
           R"({"apiVersion":"v1","data":{"k":"dg=="},"kind":"Secret","metadata":{"name":"s"},"type":"Opaque"})"},
       Row{body("coordination.k8s.io/v1", "Lease",
                made({{1, made({{1, "l"}})},
                      {2, made({{1, ""}}) + integer(2, 15) + made({{4, integer(1, 60) + integer(2, 0)}}) +
                              integer(5, 0)}})),
           R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},)"
           R"("spec":{"holderIdentity":"","leaseDurationSeconds":15,"leaseTransitions":0,"renewTime":"1970-01-01T00:01:00.000000Z"}})"},
       Row{body("v1", "DeleteOptions", made({{2, made({{1, "u-1"}})}, {4, "Foreground"}, {5, "All"}})),
           R"({"apiVersion":"v1","dryRun":["All"],"kind":"DeleteOptions","preconditions":{"uid":"u-1"},"propagationPolicy":"Foreground"})"},
       Row{body("v1", "ConfigMap", made({{2, entry("k", "\xff")}})),
           "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"\xEF\xBF\xBD\"},\"kind\":\"ConfigMap\"}"},
       Row{body("v1", "Pod", metadata), "nothing"}, Row{body("v2", "ConfigMap", metadata), "nothing"},
       Row{"k8s", "nothing"}, Row{"", "nothing"}, Row{"{}", "nothing"}}) {
    CHECK(shown(row.bytes) == row.json);
  }
}

TEST_CASE("a body that ends too early is nothing, wherever it ends") {
  const std::string whole =
      body("v1", "ConfigMap", made({{1, made({{1, "a"}, {11, entry("k", "v")}})}, {2, entry("k", "v")}}));
  REQUIRE(shown(whole) != "nothing");
  const std::size_t without_tail = whole.size() - 4;  // the two empty members at the end may be missing
  for (std::size_t size = 0; size < without_tail; ++size) {
    INFO(size);
    CHECK(shown(whole.substr(0, size)) == "nothing");
  }
}

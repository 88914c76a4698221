// The language of triggers: which facts a pattern means, and how conditions count and combine.
#include "faults/condition.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace racebed::faults {
namespace {

using models::Committed;
using models::Fact;
using models::Json;

Fact fact(std::string process, models::What what) {
  return {0, {}, {std::move(process), 1}, std::move(what)};
}
models::JsonPtr phase(const char* text) {
  return std::make_shared<const Json>(text == nullptr ? Json::object() : Json{{"status", {{"phase", text}}}});
}
Fact committed(Committed::Operation operation, models::JsonPtr before, models::JsonPtr after,
               const char* resource = "notificationrequests") {
  return fact("controller-0", Committed{operation, {resource, "default", "a", "u"}, 7, before, after});
}
Fact delivered(const char* channel) {
  return fact("slack", models::Delivered{channel, "t", "m", "", 1});
}

const Fact kSlack = delivered("slack");
const Fact kConsole = delivered("console");
const Fact kSent = committed(Committed::Operation::status, phase("Sending"), phase("Sent"));
const Fact kFirstPhase = committed(Committed::Operation::status, phase(nullptr), phase("Pending"));
const Fact kCreated = committed(Committed::Operation::create, nullptr, phase(nullptr));
const Fact kRemoved = committed(Committed::Operation::remove, phase("Sent"), nullptr);
const Fact kLease = committed(Committed::Operation::update, phase(nullptr), phase(nullptr), "leases");
const Fact kRefused = fact(
    "controller-1", models::Refused{"PUT", {"notificationrequests", "default", "a", ""}, 409, "Conflict"});

FactPattern change(std::optional<std::string> from, std::optional<std::string> to,
                   std::string pointer = "/status/phase") {
  FactPattern pattern;
  pattern.change = StateChange{std::move(pointer), std::move(from), std::move(to)};
  return pattern;
}

}  // namespace

TEST_CASE("a pattern matches a fact that has all it asks for") {
  struct Row {
    const char* name;
    FactPattern pattern;
    const Fact& fact;
    bool matches;
  };
  const std::vector<Row> table = {
      {"nothing asked", {}, kSlack, true},
      {"kind", {.kind = "delivered"}, kSlack, true},
      {"another kind", {.kind = "answered"}, kSlack, false},
      {"actor", {.process = "slack"}, kSlack, true},
      {"another actor", {.process = "controller-0"}, kSlack, false},
      {"channel", {.channel = "slack"}, kSlack, true},
      {"another channel", {.channel = "slack"}, kConsole, false},
      {"the channel of what has none", {.channel = "slack"}, kSent, false},
      {"resource", {.resource = "leases"}, kLease, true},
      {"another resource", {.resource = "leases"}, kSent, false},
      {"the resource of a refusal", {.kind = "refused", .resource = "notificationrequests"}, kRefused, true},
      {"name", {.name = "a"}, kSent, true},
      {"another name", {.name = "b"}, kSent, false},
      {"operation", {.operation = "status"}, kSent, true},
      {"another operation", {.operation = "remove"}, kSent, false},
      {"the operation of what is none", {.operation = "status"}, kRefused, false},
      {"from and to", change("Sending", "Sent"), kSent, true},
      {"to", change(std::nullopt, "Sent"), kSent, true},
      {"from", change("Sending", std::nullopt), kSent, true},
      {"any change", change(std::nullopt, std::nullopt), kSent, true},
      {"another from", change("Pending", "Sent"), kSent, false},
      {"another to", change(std::nullopt, "Failed"), kSent, false},
      {"no change there", change(std::nullopt, std::nullopt, "/metadata/name"), kSent, false},
      {"from nothing", change("", "Pending"), kFirstPhase, true},
      {"a creation without it", change(std::nullopt, std::nullopt), kCreated, false},
      {"gone with the object", change("Sent", ""), kRemoved, true},
      {"a change in what is no commit", change(std::nullopt, std::nullopt), kSlack, false},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    CHECK(matches(row.pattern, row.fact) == row.matches);
  }
}

TEST_CASE("a condition comes true once, at the very fact that makes it true") {
  const FactPattern slack{.channel = "slack"};
  const FactPattern console{.channel = "console"};
  const FactPattern sent = change(std::nullopt, "Sent");
  struct Row {
    const char* name;
    Condition condition;
    std::string facts;     // s: Slack, c: console, x: Sent, r: refused
    std::string expected;  // 1 where it came true
  };
  const std::vector<Row> table = {
      {"the first", Condition::nth(1, slack), "csss", "0100"},
      {"the third", Condition::nth(3, slack), "scscss", "000010"},
      {"never", Condition::nth(3, slack), "scsc", "0000"},
      {"all, in any order", Condition::all_of({Condition::nth(2, slack), Condition::nth(1, sent)}), "xrsss",
       "00010"},
      {"all, the other way round", Condition::all_of({Condition::nth(2, slack), Condition::nth(1, sent)}),
       "ssrx", "0001"},
      {"any, the earlier", Condition::any_of({Condition::nth(2, slack), Condition::nth(1, sent)}), "sxs",
       "010"},
      {"both by one fact", Condition::all_of({Condition::nth(1, slack), Condition::nth(1, {})}), "s", "1"},
      {"nested",
       Condition::all_of({Condition::nth(1, console),
                          Condition::any_of({Condition::nth(2, slack), Condition::nth(1, sent)})}),
       "ssrc", "0001"},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    Progress progress(row.condition);
    for (int round = 0; round < 2; ++round) {  // and the same again after a reset
      std::string told;
      for (const char c : row.facts) {
        const Fact& next = c == 's' ? kSlack : c == 'c' ? kConsole : c == 'x' ? kSent : kRefused;
        told += progress.on(next) ? '1' : '0';
      }
      CHECK(told == row.expected);
      progress.reset();
    }
  }
}

}  // namespace racebed::faults

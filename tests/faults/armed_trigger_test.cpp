// Triggers in a run: they act inside the telling of the fact, within their budget, by chance or after a
// time-out.
#include "faults/armed_trigger.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/support/world.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

models::Delivered message(std::string text) {
  return {"slack", "t", std::move(text), "", 1};
}
Condition nth_delivery(std::uint64_t n) {
  return Condition::nth(n, {.channel = "slack"});
}

/// Ten deliveries, one a second from the first second on; "3 7 " are the seconds in which the trigger acted.
std::string act(std::unique_ptr<sim::ChoiceSource> source, Trigger trigger) {
  sim::Choices choices(std::move(source));
  sim::Kernel kernel(choices);
  const Time begin = kernel.now();
  models::Ledger ledger([&] { return kernel.now(); });
  std::string acted;
  arm(kernel, ledger, std::move(trigger), [&](const models::Fact* fact) {
    acted += fmt::format("{}{} ", (kernel.now() - begin) / 1s, fact == nullptr ? "!" : "");
  });
  for (int i = 1; i <= 10; ++i) {
    kernel.call_at(kernel.world(), begin + i * 1s,
                   [&ledger, i] { ledger.record({"slack", 1}, message(std::to_string(i))); });
  }
  kernel.run();
  return acted;
}
std::string act_dully(Trigger trigger) {
  return act(sim::scripted_choices({}), std::move(trigger));
}

}  // namespace

TEST_CASE("budget and time-out") {
  using AtTimeout = Trigger::AtTimeout;
  struct Row {
    const char* name;
    Trigger trigger;
    const char* expected;
  };
  const std::vector<Row> table = {
      {"once, by default", {.condition = nth_delivery(3)}, "3 "},
      {"twice: it counts again from where it acted", {.condition = nth_delivery(3), .budget = 2}, "3 6 "},
      {"as often as it can", {.condition = nth_delivery(3), .budget = 100}, "3 6 9 "},
      {"in time", {.condition = nth_delivery(3), .timeout = 4s}, "3 "},
      {"too late: given up", {.condition = nth_delivery(7), .timeout = 4500ms}, ""},
      {"too late: acts without",
       {.condition = nth_delivery(7), .timeout = 4500ms, .at_timeout = AtTimeout::act},
       "4! "},
      {"the moment comes after the way out was taken, with budget left",
       {.condition = nth_delivery(7), .budget = 2, .timeout = 4500ms, .at_timeout = AtTimeout::act},
       "4! 7 "},
      {"a moment that never comes", {.condition = nth_delivery(11)}, ""},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    CHECK(act_dully(row.trigger) == row.expected);
  }
}

TEST_CASE("chance is drawn for each opportunity; the dullest draw is no fault") {
  const Trigger half{.condition = nth_delivery(1), .budget = 100, .chance_of = 1, .chance_in = 2};
  CHECK(act_dully(half) == "");
  std::size_t acted = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::string seconds = act(sim::seeded_choices(seed), half);
    CHECK(seconds == act(sim::seeded_choices(seed), half));
    acted += static_cast<std::size_t>(std::count(seconds.begin(), seconds.end(), ' '));
  }
  CHECK(acted > 400);
  CHECK(acted < 600);
  const Trigger sure{.condition = nth_delivery(1), .budget = 100, .chance_of = 2, .chance_in = 2};
  CHECK(act_dully(sure) == "1 2 3 4 5 6 7 8 9 10 ");
}

TEST_CASE("a process that its own fact kills runs no statement after its next suspension") {
  racebed::tests::run_twice(7, [](sim::Kernel& kernel) {
    models::Ledger ledger([&] { return kernel.now(); });
    sim::Process& process = kernel.add_process({.name = "controller-0"});
    arm(kernel, ledger, {.condition = nth_delivery(2)}, [&](const models::Fact*) { process.kill(); });
    std::string story;
    process.start([&](Runtime& runtime) -> asio::awaitable<void> {
      for (;;) {
        co_await runtime.clock.sleep_for(1s);
        story += "sends ";
        ledger.record({"slack", 1}, message("m"));
        co_await runtime.clock.sleep_for(1ms);
        story += "records ";
      }
    });
    kernel.run(kernel.now() + 1min);
    CHECK(story == "sends records sends ");
    return story;
  });
}

}  // namespace racebed::faults

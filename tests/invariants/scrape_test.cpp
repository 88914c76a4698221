// What the world's Prometheus sees of a controller's life.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "experiments/world/scrape.hpp"
#include "runtime/runtime.hpp"
#include "sim/kernel.hpp"

using namespace racebed;
using namespace std::chrono_literals;
using experiments::Scraper;

namespace {

struct Scraped {
  sim::Choices choices{sim::seeded_choices(1)};
  sim::Kernel kernel{choices};
  models::Ledger ledger{[this] { return kernel.now(); }};
  Scraper scraper{kernel, ledger};
  sim::Process& process = kernel.add_process({.name = "controller-0"});
  Time begin = kernel.now();

  /// The process counts its seconds, and withdraws its page after `life`.
  void start(Duration life) {
    process.start([this, life](Runtime& runtime) { return main(runtime, life); });
    scraper.start();
  }
  asio::awaitable<void> main(Runtime& runtime, Duration life) {
    const Time born = runtime.clock.now();
    const std::function<void(Scraper::Page)> publish = scraper.page_of(process);
    publish([&runtime, born] { return std::to_string((runtime.clock.now() - born) / 1s); });
    co_await runtime.clock.sleep_for(life);
    publish({});
  }
  /// "15s controller-0/1: 15" for each page in the ledger.
  std::vector<std::string> pages(Duration until) {
    kernel.run(begin + until);
    scraper.at_end();
    std::vector<std::string> seen;
    for (const models::Fact& fact : ledger.facts()) {
      const auto& claim = std::get<models::Claimed>(fact.what);
      CHECK(claim.kind == "metrics");
      seen.push_back(std::to_string((fact.time - begin) / 1s) + "s " + fact.actor.process + "/" +
                     std::to_string(fact.actor.incarnation) + ": " +
                     claim.content->at("page").get<std::string>());
    }
    return seen;
  }
};

using Pages = std::vector<std::string>;

}  // namespace

TEST_CASE("a controller is scraped every 15 seconds and at the end of the run") {
  Scraped world;
  world.start(1h);
  CHECK(world.pages(40s) ==
        Pages{"15s controller-0/1: 15", "30s controller-0/1: 30", "40s controller-0/1: 40"});
}

TEST_CASE("a page that is withdrawn is looked at once more, and then there is none") {
  Scraped world;
  world.start(20s);
  CHECK(world.pages(40s) == Pages{"15s controller-0/1: 15", "20s controller-0/1: 20"});
}

TEST_CASE("a killed controller has no page; its next life has one of its own") {
  Scraped world;
  world.start(1h);
  world.kernel.call_at(world.kernel.world(), world.begin + 20s, [&] {
    world.process.kill();
    world.process.restart(15s);
  });
  CHECK(world.pages(50s) ==
        Pages{"15s controller-0/1: 15", "45s controller-0/2: 10", "50s controller-0/2: 15"});
}

TEST_CASE("a paused controller does not answer") {
  Scraped world;
  world.start(1h);
  world.kernel.call_at(world.kernel.world(), world.begin + 20s, [&] { world.process.pause(); });
  CHECK(world.pages(50s) == Pages{"15s controller-0/1: 15"});
}

TEST_CASE("what the testbed writes down of a page is not the controller's memory") {
  Scraped world;
  world.process.start([&](Runtime& runtime) { return world.main(runtime, 1h); });
  const std::int64_t before = (world.kernel.run(world.begin + 1s), world.process.accounts().bytes.now);
  world.scraper.start();
  CHECK(world.pages(1h).size() > 200);
  CHECK(world.process.accounts().bytes.now < before + 1024);
}

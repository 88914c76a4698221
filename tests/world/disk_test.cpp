// A host's disk, watched: what it does when it is full, broken or slow, and what it has after a loss of
// power.
#include <fmt/format.h>

#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include "models/sinks/failing_files.hpp"
#include "models/sinks/recording_files.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

using models::DiskOperation;
using models::DiskVerdict;

struct OneFault final : models::DiskPolicy {
  DiskOperation about = DiskOperation::write;
  DiskVerdict verdict;
  DiskVerdict disk(const std::string&, DiskOperation operation) override {
    return operation == about ? verdict : DiskVerdict{};
  }
};

/// Runs `use` on the disk of one host; a story of what became of it.
std::string story(OneFault& fault, bool loses_power,
                  const std::function<asio::awaitable<std::string>(Runtime&, Files&)>& use) {
  return tests::run_twice(1, [&](sim::Kernel& kernel) {
    sim::CalmLinks links(kernel.choices(), {});
    sim::SimFabric fabric(kernel, links);
    kernel.set_fabric(&fabric);
    models::Ledger ledger([&kernel] { return kernel.now(); });
    models::FileDeliveries given;
    std::string told;
    sim::Process& host = kernel.add_process({.name = "host"});
    const auto main = [&](Runtime& runtime) -> asio::awaitable<void> {
      models::FailingFiles disk(runtime.files, runtime.clock, fault, "host");
      models::RecordingFiles files(disk, ledger, "/out", given, [] { return models::Actor{"host", 1}; });
      co_await files.look_again();
      if (host.incarnation() == 1) told = co_await use(runtime, files);
      co_await runtime.clock.sleep_for(24h);  // it lives when the power goes
    };
    host.start(main);
    kernel.run(kernel.now() + 1h);
    if (loses_power) {
      host.power_loss();
      host.restart(1s);
      kernel.run(kernel.now() + 1h);
    }
    for (const models::Fact& fact : ledger.facts()) {
      if (std::holds_alternative<models::Delivered>(fact.what)) told += " delivered";
      if (std::holds_alternative<models::Vanished>(fact.what)) told += " vanished";
    }
    kernel.set_fabric(nullptr);
    return told;
  });
}

std::string text(const Result<void>& done) {
  return done ? "ok" : done.error().message();
}

asio::awaitable<std::string> deliver(Runtime& runtime, Files& files, bool synced) {
  const Instant begun = runtime.clock.steady_now();
  std::string told = text(co_await files.write("/out/a.tmp", "[token:a] all of it"));
  if (synced) told += ", " + text(co_await files.sync("/out/a.tmp"));
  told += ", " + text(co_await files.rename("/out/a.tmp", "/out/a"));
  const Result<std::string> left = co_await files.read("/out/a.tmp");
  if (left) told += ", left: " + *left;
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(runtime.clock.steady_now() - begun);
  co_return told + fmt::format(", {} s", took.count());
}

}  // namespace

TEST_CASE(
    "a file under its final name is a delivery; a full disk leaves a part of it, a broken one nothing") {
  OneFault fault;
  const auto synced = [](Runtime& runtime, Files& files) { return deliver(runtime, files, true); };
  CHECK(story(fault, false, synced) == "ok, ok, ok, 0 s delivered");
  fault.verdict.error = make_error_code(boost::system::errc::no_space_on_device);
  fault.verdict.leaves_a_part = true;
  CHECK(story(fault, false, synced) == "No space left on device, ok, ok, 0 s delivered");
  fault.verdict = {0s, make_error_code(boost::system::errc::io_error), false};
  CHECK(story(fault, false, synced).starts_with("Input/output error, No such file or directory"));
  fault.about = DiskOperation::sync;
  CHECK(story(fault, false, synced) == "ok, Input/output error, ok, 0 s delivered");
  fault.about = DiskOperation::rename;
  CHECK(story(fault, false, synced) == "ok, ok, Input/output error, left: [token:a] all of it, 0 s");
}

TEST_CASE("a slow disk does what it does later") {
  OneFault fault;
  fault.verdict.takes = 7s;
  CHECK(story(fault, false, [](Runtime& runtime, Files& files) { return deliver(runtime, files, true); }) ==
        "ok, ok, ok, 7 s delivered");
}

TEST_CASE("after a loss of power a file that was synced is there, one that was not has vanished") {
  OneFault calm;
  for (const bool synced : {true, false}) {
    CAPTURE(synced);
    const std::string told = story(
        calm, true, [synced](Runtime& runtime, Files& files) { return deliver(runtime, files, synced); });
    CHECK(told.ends_with(synced ? "0 s delivered" : "0 s delivered vanished"));
  }
}

// Seeds per second of each scenario, with real TLS and without. Read items_per_second.
#include <benchmark/benchmark.h>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"

using namespace racebed::experiments;

namespace {

void run_seeds(benchmark::State& state, const char* name, bool tls) {
  const Scenario scenario = load_scenario(name, {{"world.slack_tls", tls ? "true" : "false"}});
  const Subject& subject = *find_subject("notification");
  std::uint64_t seed = 0;
  for (auto _ : state) benchmark::DoNotOptimize(execute({scenario, subject, seed++}).steps);
  state.SetItemsProcessed(state.iterations());
}

[[maybe_unused]] const bool registered = [] {
  for (const char* name : {"happy-path", "create-delete-create", "leader-kill"}) {
    for (const bool tls : {false, true}) {
      benchmark::RegisterBenchmark((std::string(name) + (tls ? "/tls" : "/plain")).c_str(),
                                   [name, tls](benchmark::State& state) { run_seeds(state, name, tls); })
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace

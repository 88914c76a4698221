// How fast the kernel runs tasks, with hashing and choices on. Read items_per_second.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/task_group.hpp"
#include "sim/completion.hpp"
#include "sim/kernel.hpp"

using namespace racebed;

namespace {

constexpr int kTasks = 100;
constexpr int kSleeps = 2'000;

using Concrete = asio::awaitable<void, sim::Executor>;

Concrete sleep_concrete(sim::Domain& domain, Duration period) {
  for (int i = 0; i < kSleeps; ++i) {
    co_await sim::async_sleep_until(domain, domain.kernel->now() + period,
                                    asio::use_awaitable_t<sim::Executor>());
  }
}

asio::awaitable<void> sleep_through_clock(Runtime& runtime, Duration period) {
  for (int i = 0; i < kSleeps; ++i) co_await runtime.clock.sleep_for(period);
}

asio::awaitable<void> one_sleep(Runtime& runtime, Duration period) {
  co_await runtime.clock.sleep_for(period);
}

asio::awaitable<void> sleep_nested(Runtime& runtime, Duration period) {
  for (int i = 0; i < kSleeps; ++i) co_await one_sleep(runtime, period);
}

Duration period_of(int task) {
  return std::chrono::nanoseconds{1000 + 7 * task};
}

template <class Start>
void run_tasks(benchmark::State& state, Start start) {
  for (auto _ : state) {
    sim::Choices choices(sim::seeded_choices(1));
    sim::Kernel kernel(choices);
    sim::Process& process = kernel.add_process({.name = "p"});
    process.start([&](Runtime& runtime) -> asio::awaitable<void> {
      for (int task = 0; task < kTasks; ++task) start(process, runtime, period_of(task));
      co_await runtime.clock.sleep_for(std::chrono::hours{1});
    });
    kernel.run();
    benchmark::DoNotOptimize(kernel.hash());
  }
  state.SetItemsProcessed(state.iterations() * kTasks * kSleeps);
}

void BM_SleepConcreteExecutor(benchmark::State& state) {
  run_tasks(state, [](sim::Process& process, Runtime&, Duration period) {
    asio::co_spawn(sim::Executor(process.domain()), sleep_concrete(process.domain(), period), asio::detached);
  });
}
void BM_SleepThroughClock(benchmark::State& state) {
  run_tasks(state, [](sim::Process&, Runtime& runtime, Duration period) {
    asio::co_spawn(runtime.executor, sleep_through_clock(runtime, period), asio::detached);
  });
}
void BM_SleepNestedCall(benchmark::State& state) {
  run_tasks(state, [](sim::Process&, Runtime& runtime, Duration period) {
    asio::co_spawn(runtime.executor, sleep_nested(runtime, period), asio::detached);
  });
}

}  // namespace

BENCHMARK(BM_SleepConcreteExecutor)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SleepThroughClock)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SleepNestedCall)->Unit(benchmark::kMillisecond);

#include "experiments/run/run.hpp"

#include <algorithm>
#include <utility>

#include "experiments/world/fixtures.hpp"
#include "experiments/world/world.hpp"
#include "sim/heap_account.hpp"

namespace racebed::experiments {

bool RunResult::violated() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& v) { return v.outcome == Outcome::violated; });
}

bool RunResult::allowed() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& v) { return v.outcome == Outcome::allowed; });
}

namespace {

/// The sink of the run's trace: tells `spec` of every event, and has it look at the processes now and then.
sim::Trace::Sink sink_of(RunSpec& spec, const sim::Kernel& kernel) {
  if (!spec.look) return std::move(spec.trace);
  return [trace = std::move(spec.trace), look = std::move(spec.look), &kernel,
          next = Time{}](const sim::TraceEvent& event) mutable {
    if (trace) trace(event);
    if (event.time < next) return;
    next = event.time + kLookInterval;
    for (const auto& process : kernel.processes()) look(event.time, *process);
  };
}

}  // namespace

RunResult execute(RunSpec spec) {
  fixtures();  // made before the run
  RunResult result;
  result.seed = spec.seed;
  sim::Choices choices(spec.choices ? std::move(spec.choices) : sim::seeded_choices(spec.seed));
  sim::Kernel kernel(choices);
  kernel.trace().set_sink(sink_of(spec, kernel));
  models::Ledger ledger([&kernel] { return kernel.now(); });
  std::vector<sim::heap::Account> payers;  // what the testbed writes down is nobody's memory
  ledger.set_bookkeeping([&payers](bool begins) {
    if (begins) {
      payers.push_back(sim::heap::charge(0));
    } else {
      sim::heap::charge(payers.back());
      payers.pop_back();
    }
  });
  Panel panel(spec.scenario, spec.subject, ledger);
  World world(kernel, spec.scenario, spec.subject, ledger,
              [&panel, log = std::move(spec.log)](std::string_view process, std::string_view line) {
                panel.on_log(process, line);
                if (log) log(process, line);
              });
  result.final_state = world.run();
  result.verdicts = panel.verdicts(result.final_state);
  result.hash = kernel.hash();
  result.steps = kernel.steps();
  result.stop = world.stop_reason();
  result.leak = kernel.leak();
  result.choices = choices.made();
  result.facts = ledger.take_facts();
  return result;
}

}  // namespace racebed::experiments

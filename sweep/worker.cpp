#include "sweep/worker.hpp"

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "experiments/replay/record.hpp"
#include "sweep/measure.hpp"
#include "sweep/wire.hpp"

namespace racebed::sweep {
namespace {

std::string answer(const Task& task, const experiments::Scenario& scenario,
                   const experiments::Subject& subject, std::uint64_t seed) {
  experiments::RunSpec spec{scenario, subject, seed};
  std::vector<experiments::RecordedEvent> events;
  if (task.record)
    spec.trace = [&](const sim::TraceEvent& event) { events.push_back(experiments::recorded(event)); };
  const experiments::RunResult result = experiments::execute(std::move(spec));
  if (task.record)
    return nlohmann::json(experiments::record_text(scenario, task.subject, result, events)).dump() + "\n";
  evidence::Run row = measured(result);
  row.cell = task.cell;
  return to_line(row);
}

}  // namespace

int work() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (std::string line; std::getline(std::cin, line);) {
    const Task task = read_task(line);
    experiments::Scenario scenario = experiments::load_scenario(task.scenario, task.settings);
    scenario.subject.name = task.subject;
    const experiments::Subject& subject = *experiments::find_subject(task.subject);
    for (const std::uint64_t seed : task.seeds) {
      const std::string text = answer(task, scenario, subject, seed);
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
    }
  }
  return 0;
}

}  // namespace racebed::sweep

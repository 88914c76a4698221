#include "sweep/worker.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>

#include "experiments/replay/record.hpp"
#include "sweep/measure.hpp"
#include "sweep/portrait.hpp"
#include "sweep/wire.hpp"

namespace racebed::sweep {
namespace {

std::string record_of(const Task& task, const experiments::Scenario& scenario,
                      const experiments::Subject& subject, std::uint64_t seed) {
  experiments::RunSpec spec{scenario, subject, seed};
  std::vector<experiments::RecordedEvent> events;
  spec.trace = [&](const sim::TraceEvent& event) { events.push_back(experiments::recorded(event)); };
  const experiments::RunResult result = experiments::execute(std::move(spec));
  return experiments::record_text(scenario, task.subject, result, events);
}

std::string answer(const Task& task, const experiments::Scenario& scenario,
                   const experiments::Subject& subject, std::uint64_t seed) {
  switch (task.wanted) {
    case Wanted::record:
      return nlohmann::json(record_of(task, scenario, subject, seed)).dump() + "\n";
    case Wanted::portrait:
      return evidence::to_text(portray(scenario, subject, seed)) + "\n";
    case Wanted::run:
      break;
  }
  evidence::Run row = measured(experiments::execute({scenario, subject, seed}));
  row.cell = task.cell;
  return to_line(row);
}

}  // namespace

int work() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::set_new_handler([] { _exit(kOutOfMemory); });
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

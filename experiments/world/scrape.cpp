#include "experiments/world/scrape.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/heap_account.hpp"

namespace racebed::experiments {

std::function<void(Scraper::Page)> Scraper::page_of(sim::Process& process) {
  return [this, &process, incarnation = process.incarnation()](Page page) {
    publish(process, incarnation, std::move(page));
  };
}

void Scraper::publish(sim::Process& process, std::uint32_t incarnation, Page page) {
  const sim::heap::Unpaid testbed;
  auto known = std::find_if(targets_.begin(), targets_.end(),
                            [&](const Target& target) { return target.process == &process; });
  if (known == targets_.end()) {
    targets_.push_back({&process, incarnation, std::move(page)});
    return;
  }
  if (!page && known->incarnation == incarnation) scrape(*known);
  *known = {&process, incarnation, std::move(page)};
}

/// The page is the process's own code and dies with it.
bool Scraper::answers(const Target& target) {
  return target.page && target.process->state() == sim::ProcessState::running &&
         target.process->incarnation() == target.incarnation;
}

void Scraper::scrape(const Target& target) {
  if (!answers(target)) return;
  const std::string text = target.page();
  const sim::heap::Unpaid testbed;
  ledger_.record(
      {std::string(target.process->name()), target.incarnation},
      models::Claimed{"metrics", std::make_shared<const models::Json>(models::Json{{"page", text}})});
}

void Scraper::round() {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!answers(targets_[i])) continue;
    // As a step of the process, which pays for what it prints.
    kernel_.call_at(targets_[i].process->domain(), kernel_.now(), [this, i] { scrape(targets_[i]); });
  }
  start();
}

void Scraper::start() {
  kernel_.call_at(kernel_.world(), kernel_.now() + kInterval, [this] { round(); });
}

void Scraper::at_end() {
  for (const Target& target : targets_) scrape(target);
}

}  // namespace racebed::experiments

// What Prometheus does to a controller: asks each for its /metrics page every 15 s and writes down what it
// was shown, as Claimed{"metrics", {"page": text}} by that process. A paused process does not answer; a dead
// one has no page.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

class Scraper {
 public:
  using Page = std::function<std::string()>;
  static constexpr Duration kInterval = std::chrono::seconds{15};

  /// Both must outlive the scraper, and the scraper every process that it has given a page to.
  Scraper(sim::Kernel& kernel, models::Ledger& ledger) : kernel_(kernel), ledger_(ledger) {}
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;

  /// SubjectEnvironment::metrics_page for this life of `process`. A page that is withdrawn (by an empty
  /// function) is asked once more first: the last look at a life that ends cleanly.
  std::function<void(Page)> page_of(sim::Process& process);

  /// From now on, for the rest of the run.
  void start();
  /// The last look, at the end of the run.
  void at_end();

 private:
  struct Target {
    sim::Process* process;
    std::uint32_t incarnation;
    Page page;
  };
  void publish(sim::Process& process, std::uint32_t incarnation, Page page);
  void scrape(const Target& target);
  static bool answers(const Target& target);
  void round();

  sim::Kernel& kernel_;
  models::Ledger& ledger_;
  std::vector<Target> targets_;  // one for each process, in the order in which they came
};

}  // namespace racebed::experiments

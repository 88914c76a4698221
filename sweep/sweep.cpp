#include "sweep/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sweep/measure.hpp"

namespace racebed::sweep {
namespace {

/// Runs are put into the database in heaps: each costs a write that is made sure.
constexpr std::size_t kHeap = 200;
constexpr std::chrono::milliseconds kHeapAge{500};

class Sweep {
 public:
  Sweep(evidence::Database& database, const std::vector<PlannedCell>& plan, const SweepOptions& options,
        const std::function<bool(const Progress&)>& report)
      : database_(database), options_(options), report_(report) {
    for (const PlannedCell& planned : plan) take_in(planned);
    // All cells a little before any cell in full: a sweep that is stopped says something of everything.
    std::stable_sort(tasks_.begin(), tasks_.end(),
                     [](const Task& a, const Task& b) { return a.seeds.front() < b.seeds.front(); });
  }

  bool run() {
    Pool pool(options_.pool, [this](const Pool::Answer& answer) { hear(answer); });
    pool.run([this](Task& task) { return next(task); }, [this] { return look_on(); });
    write();
    if (!goes_on_) return false;
    plan_looks();
    pool.run([this](Task& task) { return next(task); }, [this] { return look_on(); });
    return goes_on_;
  }

 private:
  void take_in(const PlannedCell& planned) {
    const evidence::Cell cell = database_.cell(planned.cell);
    planned_[cell.id] = &planned;
    if (!cell.is_judged()) not_judged_.insert(cell.id);
    progress_.planned += planned.seeds.size();
    const std::vector<std::uint64_t> there = database_.seeds(cell.id);
    std::vector<std::uint64_t> missing;
    std::set_difference(planned.seeds.begin(), planned.seeds.end(), there.begin(), there.end(),
                        std::back_inserter(missing));
    progress_.there += planned.seeds.size() - missing.size();
    for (std::size_t at = 0; at < missing.size(); at += options_.task_seeds) {
      const std::size_t end = std::min(at + options_.task_seeds, missing.size());
      Task task = task_of(cell.id);
      task.seeds.assign(missing.begin() + static_cast<std::ptrdiff_t>(at),
                        missing.begin() + static_cast<std::ptrdiff_t>(end));
      tasks_.push_back(std::move(task));
    }
  }

  Task task_of(std::int64_t cell) const {
    const PlannedCell& planned = *planned_.at(cell);
    Task task;
    task.cell = cell;
    task.scenario = planned.scenario;
    task.subject = planned.cell.subject;
    task.settings = planned.settings;
    return task;
  }

  bool next(Task& task) {
    if (tasks_.empty()) return false;
    task = std::move(tasks_.front());
    tasks_.pop_front();
    return true;
  }

  void hear(const Pool::Answer& answer) {
    if (answer.task.wanted != Wanted::run) return keep_look(answer);
    evidence::Run run;
    if (answer.broken.empty()) {
      run = read_run(answer.line);
    } else {
      run.cell = answer.task.cell;
      run.seed = answer.task.seeds.front();
      run.broken = answer.broken;
    }
    progress_.violated += run.is_violated() && !not_judged_.contains(run.cell);
    heap_.push_back(std::move(run));
    if (heap_.size() >= kHeap) write();
  }

  void write() {
    if (!heap_.empty()) database_.add(heap_, options_.stamp);
    progress_.done += heap_.size();
    heap_.clear();
    written_ = std::chrono::steady_clock::now();
  }

  bool look_on() {
    if (std::chrono::steady_clock::now() - written_ > kHeapAge) write();
    Progress now = progress_;
    now.done += heap_.size();
    goes_on_ = report_(now);
    return goes_on_;
  }

  /// What a replay needs of each failure of this plan that has none yet, and portraits of those runs and of
  /// the first of each cell.
  void plan_looks() {
    std::map<std::int64_t, std::set<std::uint64_t>> portrayed;  // seeds that have one, or will, by cell
    for (const auto& [cell, planned] : planned_) {
      for (const std::uint64_t seed : database_.portrayed(cell)) portrayed[cell].insert(seed);
      const std::vector<std::uint64_t> there = database_.seeds(cell);
      if (!there.empty() && portrayed[cell].insert(there.front()).second)
        plan_look(cell, there.front(), Wanted::portrait);
    }
    for (const evidence::Failure& failure : database_.failures()) {
      if (failure.hash.empty() || !planned_.contains(failure.cell)) continue;
      if (failure.record.empty()) plan_look(failure.cell, failure.seed, Wanted::record);
      if (portrayed[failure.cell].insert(failure.seed).second)
        plan_look(failure.cell, failure.seed, Wanted::portrait);
    }
  }

  void plan_look(std::int64_t cell, std::uint64_t seed, Wanted wanted) {
    Task task = task_of(cell);
    task.seeds = {seed};
    task.wanted = wanted;
    tasks_.push_back(std::move(task));
  }

  void keep_look(const Pool::Answer& answer) {
    if (!answer.broken.empty()) return;
    const std::uint64_t seed = answer.task.seeds.front();
    if (answer.task.wanted == Wanted::portrait)
      return database_.set_portrait(answer.task.cell, seed, evidence::read_portrait(answer.line));
    const auto record = nlohmann::json::parse(answer.line).get<std::string>();
    for (const evidence::Failure& failure : database_.failures()) {
      if (failure.cell == answer.task.cell && failure.seed == seed) database_.set_record(failure, record);
    }
  }

  evidence::Database& database_;
  const SweepOptions& options_;
  const std::function<bool(const Progress&)>& report_;
  std::map<std::int64_t, const PlannedCell*> planned_;  // by cell
  std::set<std::int64_t> not_judged_;                   // cells
  std::deque<Task> tasks_;
  std::vector<evidence::Run> heap_;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
  Progress progress_;
  bool goes_on_ = true;
};

}  // namespace

bool run_sweep(evidence::Database& database, const std::vector<PlannedCell>& plan,
               const SweepOptions& options, const std::function<bool(const Progress&)>& report) {
  database.set_invariants(invariant_names());
  database.set_program(options.stamp.version);
  return Sweep(database, plan, options, report).run();
}

}  // namespace racebed::sweep

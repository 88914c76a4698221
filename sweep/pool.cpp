#include "sweep/pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "runtime/assert.hpp"
#include "sweep/worker.hpp"

namespace racebed::sweep {

namespace {

using SteadyClock = std::chrono::steady_clock;  // real time: this is no part of a run

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// How many workers must end at a seed before it is to blame. Killed ones more: by an operator as a rule, or
/// by a system that is short of memory, whatever the seed; a seed that is to blame gets every one of them
/// killed.
unsigned tries(int status) {
  constexpr unsigned kTries = 2, kTriesKilled = 4;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? kTriesKilled : kTries;
}

std::string ending_of(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory) return "out of memory";
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

/// A process, the task that it has, and what it has answered of it.
class Pool::Worker {
 public:
  explicit Worker(const PoolOptions& options) : options_(options) { start(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { end(); }

  bool is_busy() const { return answered_ < task_.seeds.size(); }
  int output() const { return from_; }

  void give(Task task) {
    RACEBED_ASSERT(!is_busy(), "a worker has one task at a time");
    task_ = std::move(task);
    answered_ = 0;
    deaths_ = 0;
    since_ = SteadyClock::now();
    send();
  }

  /// Reads what there is; false: the process has ended.
  bool read(const std::function<void(const Answer&)>& hear) {
    std::array<char, 65536> bytes{};
    const ssize_t n = ::read(from_, bytes.data(), bytes.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (n <= 0) return false;
    text_.append(bytes.data(), static_cast<std::size_t>(n));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      Answer answer{current(), text_.substr(0, end), {}};
      text_.erase(0, end + 1);
      ++answered_;
      deaths_ = 0;
      since_ = SteadyClock::now();
      hear(answer);
    }
    return true;
  }

  /// It has ended, or hangs: the seed it was at is to blame, unless somebody has killed the process; further
  /// tries tell. The other seeds are given to its successor.
  void replace(const std::function<void(const Answer&)>& hear, std::string why) {
    const int status = end();
    const bool hung = !why.empty();
    if (!hung) why = ending_of(status);
    if (is_busy() && (hung || ++deaths_ >= tries(status))) {
      hear({current(), {}, why});
      ++answered_;
      deaths_ = 0;
    }
    task_.seeds.erase(task_.seeds.begin(), task_.seeds.begin() + static_cast<std::ptrdiff_t>(answered_));
    answered_ = 0;
    text_.clear();
    start();
    since_ = SteadyClock::now();
    if (is_busy()) send();
  }

  bool hangs() const { return is_busy() && SteadyClock::now() - since_ > options_.run_timeout; }

 private:
  /// The task with just the seed that it is at.
  Task current() const {
    Task one = task_;
    one.seeds = {task_.seeds.at(answered_)};
    return one;
  }

  void send() {
    const std::string line = to_line(task_);
    // A worker that has died does not read: its end is noticed where its answers are read.
    for (std::size_t sent = 0; sent < line.size();) {
      const ssize_t n = ::write(to_, line.data() + sent, line.size() - sent);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  void start() {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) fail("pipe");
    process_ = fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      if (options_.memory_bytes > 0) {
        const rlimit limit{options_.memory_bytes, options_.memory_bytes};
        setrlimit(RLIMIT_AS, &limit);
      }
      const rlimit no_core{0, 0};
      setrlimit(RLIMIT_CORE, &no_core);
      execl(options_.program.c_str(), options_.program.c_str(), "sweep-worker", nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    fcntl(from_, F_SETFL, O_NONBLOCK);
  }

  int end() {
    if (process_ <= 0) return 0;
    close(to_);
    close(from_);
    kill(process_, SIGKILL);  // one that has ended keeps its status
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

  const PoolOptions& options_;
  pid_t process_ = -1;
  int to_ = -1;
  int from_ = -1;
  Task task_;
  std::size_t answered_ = 0;
  unsigned deaths_ = 0;  // of processes, at the seed that is next
  std::string text_;
  SteadyClock::time_point since_;
};

Pool::Pool(PoolOptions options, std::function<void(const Answer&)> hear)
    : options_(std::move(options)), hear_(std::move(hear)) {
  signal(SIGPIPE, SIG_IGN);
  for (unsigned i = 0; i < options_.workers; ++i) workers_.push_back(std::make_unique<Worker>(options_));
}

Pool::~Pool() = default;

void Pool::run(const std::function<bool(Task&)>& next, const std::function<bool()>& idle) {
  bool more = true;
  while (idle()) {
    std::vector<pollfd> waiting;
    std::vector<Worker*> busy;
    for (const auto& worker : workers_) {
      if (Task task; !worker->is_busy() && more && (more = next(task))) worker->give(std::move(task));
      if (!worker->is_busy()) continue;
      waiting.push_back({worker->output(), POLLIN, 0});
      busy.push_back(worker.get());
    }
    if (busy.empty()) return;
    if (poll(waiting.data(), waiting.size(), 250) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = 0; i < busy.size(); ++i) {
      if (waiting[i].revents != 0 && !busy[i]->read(hear_)) {
        busy[i]->replace(hear_, {});
      } else if (busy[i]->hangs()) {
        busy[i]->replace(hear_, fmt::format("timed out after {} s", options_.run_timeout.count()));
      }
    }
  }
}

}  // namespace racebed::sweep

#include "live/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cerrno>

extern char** environ;

namespace racebed::live {
namespace {

ErrorCode last_error() {
  return {errno, boost::system::system_category()};
}

/// Both ends of a pipe; those that were not taken are closed.
class Pipe {
 public:
  bool open() { return ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  int take_reader() { return std::exchange(ends_[0], -1); }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace

struct Child::State : std::enable_shared_from_this<Child::State> {
  State(Loop& loop, ChildOptions o) : options(std::move(o)), output(loop.context()) {}
  ChildOptions options;
  asio::posix::stream_descriptor output;
  std::string buffer;
  pid_t pid = -1;

  void listen() {
    asio::async_read_until(output, asio::dynamic_buffer(buffer), '\n',
                           [self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                             if (error) return self->ended();
                             const std::string line = self->buffer.substr(0, bytes - 1);
                             self->buffer.erase(0, bytes);
                             if (self->options.on_line) self->options.on_line(line);
                             self->listen();
                           });
  }
  /// Its output has ended, so it has, or is about to.
  void ended() {
    if (pid < 0) return;
    const int status = reap();
    if (options.on_end) options.on_end(status);
  }
  int reap() {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
};

Child::Child(std::shared_ptr<State> state) : state_(std::move(state)) {}

Child::~Child() {
  state_->options.on_line = nullptr;
  state_->options.on_end = nullptr;
  if (state_->pid < 0) return;
  ::kill(state_->pid, SIGKILL);
  (void)state_->reap();
  ErrorCode ignored;
  state_->output.close(ignored);
}

void Child::kill() {
  if (state_->pid >= 0) ::kill(state_->pid, SIGKILL);
}

Result<std::unique_ptr<Child>> Child::start(Loop& loop, ChildOptions options) {
  auto state = std::make_shared<State>(loop, std::move(options));
  Pipe input, output;
  if (!input.open() || !output.open()) return last_error();
  const std::string& text = state->options.input;
  if (::write(input.writer(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return last_error();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.reader(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  if (!state->options.show_errors)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (std::string& argument : state->options.command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawn(&state->pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    state->pid = -1;
    return ErrorCode(failed, boost::system::system_category());
  }
  state->output.assign(output.take_reader());
  state->listen();
  return std::unique_ptr<Child>(new Child(std::move(state)));
}

}  // namespace racebed::live

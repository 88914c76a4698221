#include "tests/support/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace racebed::tests {
namespace {

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::string shown(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) {
    const bool plain = !word.empty() && word.find_first_of(" \n\t\"'$;|&<>(){}*") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return text;
}

void pause(Bound time) {
  ::poll(nullptr, 0, static_cast<int>(time.count()));
}

}  // namespace

bool eventually(Bound bound, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + bound;
  for (;;) {
    if (holds()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    pause(Bound{10});
  }
}

ChildProcess::ChildProcess(std::vector<std::string> command, const ProcessOptions& options)
    : shown_(shown(command)) {
  output_file_ = (std::filesystem::temp_directory_path() / "racebed-output-XXXXXX").string();
  const int made = ::mkstemp(output_file_.data());
  if (made < 0) throw std::runtime_error("cannot make a file for the output of " + shown_);
  ::close(made);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, output_file_.c_str(), O_WRONLY | O_APPEND, 0);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  if (!options.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setpgroup(&attributes, 0);  // so that its children end with it
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> environment = environment_with(options.environment);
  const int error = ::posix_spawnp(&pid_, command[0].c_str(), &actions, &attributes, pointers(command).data(),
                                   pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    ::unlink(output_file_.c_str());
    throw std::runtime_error(fmt::format("cannot start {}: {}", shown_, std::strerror(error)));
  }
}

ChildProcess::~ChildProcess() {
  ::kill(-pid_, SIGKILL);
  reap(true);
  ::unlink(output_file_.c_str());
}

void ChildProcess::reap(bool block) {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return;
  ended_ = true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ChildProcess::running() {
  reap(false);
  return !ended_;
}

void ChildProcess::signal(int number) {
  if (running()) ::kill(pid_, number);
}

int ChildProcess::wait(Bound bound) {
  if (eventually(bound, [this] { return !running(); })) return status_;
  ::kill(-pid_, SIGKILL);
  reap(true);
  return -1;
}

std::string ChildProcess::output() const {
  std::ifstream file(output_file_, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Ran run(std::vector<std::string> command, Bound bound, const ProcessOptions& options) {
  ChildProcess child(std::move(command), options);
  const int status = child.wait(bound);
  return {child.command(), status, child.output()};
}

std::string report(const Ran& ran) {
  return fmt::format("$ {}\n{}(exit status {}{})\n", ran.command, ran.output, ran.status,
                     ran.status == -1 ? ": stopped, it took too long" : "");
}

std::vector<std::string> in_parallel(const std::vector<std::function<std::string()>>& works,
                                     std::size_t width) {
  std::vector<std::string> answers(works.size());
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t at = next++; at < works.size(); at = next++) {
      try {
        answers[at] = works[at]();
      } catch (const std::exception& error) {
        answers[at] = error.what();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(width, works.size()); ++i) threads.emplace_back(take);
  }
  std::erase(answers, "");
  return answers;
}

}  // namespace racebed::tests

#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace racebed::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBarMax = 24;
constexpr std::size_t kWords = 56;  // "123456 of 1000000 runs, 97/s, 2:30:43 left, 12 violated"
constexpr const char* kClear = "\r\033[K";

/// Of the terminal at standard error; 80 where it does not say.
std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// "1:02:03", "2:03".
std::string time_text(std::uint64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string words(const sweep::Progress& progress, double seconds) {
  const std::uint64_t finished = progress.there + progress.done;
  std::string text = fmt::format("{} of {} runs", finished, progress.planned);
  if (progress.done > 0 && seconds > 0) {
    const double rate = static_cast<double>(progress.done) / seconds;
    const auto left = static_cast<std::uint64_t>(static_cast<double>(progress.planned - finished) / rate);
    text += fmt::format(", {:.0f}/s, {} left", rate, time_text(left));
  }
  return text + fmt::format(", {} violated", progress.violated);
}

/// As wide as there is room for beside the words; none where that is too little to be seen.
std::string bar(const sweep::Progress& progress, std::size_t room) {
  constexpr std::size_t kBarMin = 8, kFrame = 3;  // "[", "] "
  if (room < kBarMin + kFrame) return {};
  const std::size_t width = std::min(kBarMax, room - kFrame);
  const std::uint64_t planned = std::max<std::uint64_t>(progress.planned, 1);
  const std::size_t full = (progress.there + progress.done) * width / planned;
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "] ";
}

}  // namespace

void ProgressLine::show(const sweep::Progress& progress) {
  const auto now = RealClock::now();
  if (now < next_) return;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  next_ = now + (terminal ? RealClock::duration{250ms} : RealClock::duration{30s});
  const std::string text = words(progress, std::chrono::duration<double>(now - began_).count());
  if (!terminal) {
    if (progress.done > 0) fmt::print(stderr, "{}\n", text);
    return;
  }
  // The last column stays free: some terminals begin a new line there.
  const std::size_t room = columns() - 1;
  // Words grow as numbers do: the bar is not to jump with each digit.
  const std::string line = bar(progress, room - std::min(room, std::max(kWords, text.size()))) + text;
  fmt::print(stderr, "{}{}", kClear, line.substr(0, room));
  std::fflush(stderr);
  shown_ = true;
}

ProgressLine::~ProgressLine() {
  if (!shown_) return;
  fmt::print(stderr, "{}", kClear);
  std::fflush(stderr);
}

}  // namespace racebed::cli

#include "core/obs/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>

#include <utility>

namespace racebed::obs {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

Level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return Level::debug;
    case spdlog::level::info:
      return Level::info;
    case spdlog::level::warn:
      return Level::warning;
    default:
      return Level::error;
  }
}

/// spdlog's end of the seam: formats with its pattern formatter, in UTC, and hands the line on.
class ForwardingSink final : public spdlog::sinks::sink {
 public:
  explicit ForwardingSink(LogSink& out)
      : out_(out), formatter_("%Y-%m-%dT%H:%M:%S.%fZ %l %n: %v", spdlog::pattern_time_type::utc, "") {}
  void log(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_.format(message, line);
    out_.line(from_spdlog(message.level), std::string_view(line.data(), line.size()));
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  LogSink& out_;
  spdlog::pattern_formatter formatter_;
};

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == '\x7f') return true;
  }
  return false;
}

void append_text(std::string& out, std::string_view text) {
  if (!needs_quotes(text)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

/// "1.5s", "20ms": exact, without trailing zeros.
void append_duration(std::string& out, Duration duration) {
  const auto ns = duration.count();
  if (ns % 1'000'000'000 == 0) {
    fmt::format_to(std::back_inserter(out), "{}s", ns / 1'000'000'000);
  } else if (ns % 1'000'000 == 0) {
    fmt::format_to(std::back_inserter(out), "{}ms", ns / 1'000'000);
  } else if (ns % 1'000 == 0) {
    fmt::format_to(std::back_inserter(out), "{}us", ns / 1'000);
  } else {
    fmt::format_to(std::back_inserter(out), "{}ns", ns);
  }
}

}  // namespace

void Field::append_value(std::string& out) const {
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    append_text(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else if (const auto* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else {
    append_duration(out, std::get<Duration>(value_));
  }
}

struct Logger::Backend {
  std::string name;
  Clock& clock;
  LogSink& sink;
  Level level;
  std::unique_ptr<spdlog::logger>
      logger;  // made with the first line: most loggers of a calm run never write one

  spdlog::logger& writer() {
    if (!logger) {
      logger = std::make_unique<spdlog::logger>(name, std::make_shared<ForwardingSink>(sink));
      logger->set_level(to_spdlog(level));
      // spdlog's default would print the error with the real time.
      logger->set_error_handler([](const std::string&) {});
    }
    return *logger;
  }
};

Logger::Logger(std::string_view name, Clock& clock, LogSink& sink, Level level)
    : backend_(new Backend{std::string(name), clock, sink, level, nullptr}) {}

Logger Logger::named(std::string_view name) const {
  if (!backend_) return {};
  return Logger(fmt::format("{}.{}", backend_->name, name), backend_->clock, backend_->sink, backend_->level);
}

bool Logger::enabled(Level level) const {
  return backend_ && level >= backend_->level && level != Level::off;
}

void Logger::log(Level level, std::string_view message, std::initializer_list<Field> fields) const {
  if (!enabled(level)) return;
  std::string text(message);
  for (const Field& field : fields) {
    ((text += ' ') += field.key()) += '=';
    field.append_value(text);
  }
  // An explicit time: spdlog then reads no clock of its own.
  const auto since_epoch =
      std::chrono::duration_cast<spdlog::log_clock::duration>(backend_->clock.now().time_since_epoch());
  backend_->writer().log(spdlog::log_clock::time_point(since_epoch), spdlog::source_loc{}, to_spdlog(level),
                         text);
}

}  // namespace racebed::obs

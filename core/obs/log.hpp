// A logger that is handed in: levels, a message, key/value fields; the time comes from the process's Clock,
// the lines go to a LogSink. spdlog formats behind it; its registry, its clock and its headers stay out of
// sight.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "runtime/time.hpp"

namespace racebed::obs {

enum class Level { debug, info, warning, error, off };

/// Where lines go. A line has no newline at its end:
/// `2025-11-29T00:00:00.000123Z info kube.elector: became leader lease=default/x`
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void line(Level level, std::string_view text) = 0;
};

/// One key and its value. Views must live until the call returns.
class Field {
 public:
  Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  Field(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, const std::string& value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, bool value) : key_(key), value_(value) {}
  Field(std::string_view key, Duration value) : key_(key), value_(value) {}
  template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
  Field(std::string_view key, Integer value) : key_(key), value_(static_cast<std::int64_t>(value)) {}

  std::string_view key() const { return key_; }
  /// Appends the value: text quoted when it holds a space, a quote, '=' or a control character.
  void append_value(std::string& out) const;

 private:
  std::string_view key_;
  std::variant<std::string_view, std::int64_t, bool, Duration> value_;
};

/// Cheap to copy. A default-constructed one discards everything.
class Logger {
 public:
  Logger() = default;
  /// `clock` and `sink` outlive every copy. Lines below `level` are dropped before anything is formatted.
  Logger(std::string_view name, Clock& clock, LogSink& sink, Level level = Level::info);
  /// The same with a name below this one's: "kube" -> "kube.elector".
  Logger named(std::string_view name) const;

  bool enabled(Level level) const;
  void log(Level level, std::string_view message, std::initializer_list<Field> fields = {}) const;
  void debug(std::string_view m, std::initializer_list<Field> f = {}) const { log(Level::debug, m, f); }
  void info(std::string_view m, std::initializer_list<Field> f = {}) const { log(Level::info, m, f); }
  void warning(std::string_view m, std::initializer_list<Field> f = {}) const { log(Level::warning, m, f); }
  void error(std::string_view m, std::initializer_list<Field> f = {}) const { log(Level::error, m, f); }

 private:
  struct Backend;
  std::shared_ptr<Backend> backend_;
};

}  // namespace racebed::obs

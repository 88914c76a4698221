// One run, as a figure shows it: who did what when, and what its processes held meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racebed::evidence {

/// Times are microseconds of virtual time from the run's begin.
struct Portrait {
  struct Event {
    std::int64_t at_us = 0;
    std::string lane;
    std::string kind;  // "committed", "killed", "fault", "violated" ...
    std::string text;
    friend bool operator==(const Event&, const Event&) = default;
  };
  /// From one lane to another.
  struct Message {
    std::int64_t from_us = 0;
    std::string from;
    std::int64_t to_us = 0;
    std::string to;
    std::string kind;  // "requested", "answered", "lost", "read", "shown"
    std::string text;
    friend bool operator==(const Message&, const Message&) = default;
  };
  struct Point {
    std::int64_t at_us = 0;
    std::int64_t value = 0;
    friend bool operator==(const Point&, const Point&) = default;
  };
  /// A quantity of one process; a value holds until the next point.
  struct Series {
    std::string name;  // "tasks", "sockets", "bytes"; "breaker": 0 closed, 1 half-open, 2 open
    std::string process;
    std::vector<Point> points;  // in order of time
    friend bool operator==(const Series&, const Series&) = default;
  };

  std::int64_t length_us = 0;
  std::vector<std::string> lanes;  // in the order in which they are drawn
  std::vector<Event> events;       // in order of time
  std::vector<Message> messages;   // in order of from_us
  std::vector<Series> series;
  friend bool operator==(const Portrait&, const Portrait&) = default;
};

/// One line of JSON, as a database keeps it.
std::string to_text(const Portrait& portrait);
/// Throws std::exception on a text that to_text did not make.
Portrait read_portrait(const std::string& text);

}  // namespace racebed::evidence

#include "runtime/time.hpp"

#include <fmt/format.h>

#include <cctype>

namespace racebed {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Duration> clock;
};

Civil civil(Time time) {
  const auto day = floor<days>(time.time_since_epoch());
  return {std::chrono::year_month_day{std::chrono::sys_days{day}},
          std::chrono::hh_mm_ss<Duration>{time.time_since_epoch() - day}};
}

/// "2025-11-29T00:00:00". Digit by digit: every object that is written names some times. A year has four
/// digits: nanoseconds in 64 bits reach from 1677 to 2262.
std::string date_and_clock(const Civil& c) {
  const int year = static_cast<int>(c.date.year());
  std::string text = "0000-00-00T00:00:00";
  const auto put = [&](std::size_t at, auto number) {
    text[at] = static_cast<char>('0' + number / 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
  };
  put(0, year / 100);
  put(2, year % 100);
  put(5, static_cast<unsigned>(c.date.month()));
  put(8, static_cast<unsigned>(c.date.day()));
  put(11, c.clock.hours().count());
  put(14, c.clock.minutes().count());
  put(17, c.clock.seconds().count());
  return text;
}

/// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || std::toupper(static_cast<unsigned char>(text.front())) != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return Duration{0};
  std::int64_t nanos = 0;
  std::int64_t unit = 100'000'000;
  bool any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanos += (text.front() - '0') * unit;
    unit /= 10;
    any = true;
    text.remove_prefix(1);
  }
  if (!any) return std::nullopt;
  return Duration{nanos};
}

std::optional<Duration> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return Duration{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (std::chrono::hours{*hours} + std::chrono::minutes{*minutes});
}

}  // namespace

std::string to_rfc3339(Time time) {
  return date_and_clock(civil(time)) + "Z";
}

std::string to_rfc3339_micro(Time time) {
  const Civil c = civil(time);
  return fmt::format("{}.{:06}Z", date_and_clock(c), c.clock.subseconds().count() / 1000);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const Duration since_epoch = std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
                               std::chrono::minutes{*minute} + std::chrono::seconds{*second} + *fraction -
                               *zone;
  return Time{since_epoch};
}

}  // namespace racebed

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "models/apiserver/schema_node.hpp"

namespace racebed::models {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// As a shape: '9' a digit, 'x' a hexadecimal digit, anything else itself.
bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() && std::ranges::equal(text, shape, [](char c, char s) {
           return s == '9' ? is_digit(c) : s == 'x' ? is_hex(c) : c == s;
         });
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool is_date(std::string_view text) {
  if (!has_shape(text, "9999-99-99")) return false;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  if (month < 1 || month > 12) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool is_date_time(std::string_view text) {
  if (text.size() < 19 || !is_date(text.substr(0, 10))) return false;
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return false;
  if (!has_shape(text.substr(11, 8), "99:99:99")) return false;
  if (number(text.substr(11, 2)) > 23 || number(text.substr(14, 2)) > 59 || number(text.substr(17, 2)) > 59) {
    return false;
  }
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return false;
    while (!text.empty() && is_digit(text[0])) text.remove_prefix(1);
  }
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && has_shape(text.substr(1), "99:99") &&
         number(text.substr(1, 2)) <= 23 && number(text.substr(4, 2)) <= 59;
}

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3) return false;
    const std::string_view octet = text.substr(0, dot);
    if (!std::ranges::all_of(octet, is_digit) || number(octet) > 255) return false;
    if (octet.size() > 1 && octet[0] == '0') return false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos && text.find('.') != std::string_view::npos) {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    const std::string_view group = text.substr(0, colon);
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex)) return false;
    ++groups;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
    if (text.starts_with(':')) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    const bool good =
        !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
        std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    if (!good) return false;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return true;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  const std::string_view user = text.substr(0, at);
  const bool plain = std::ranges::none_of(
      user, [](char c) { return c == ' ' || c == '@' || c == '<' || c == '>' || c == ',' || c < ' '; });
  return plain && std::ranges::none_of(text.substr(at + 1), [](char c) { return c == ' ' || c == '@'; });
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return text.starts_with('/');
  const std::string_view scheme = text.substr(0, colon);
  const bool good = is_letter(scheme[0]) && std::ranges::all_of(scheme, [](char c) {
                      return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
                    });
  return good &&
         std::ranges::none_of(text, [](char c) { return c == ' ' || static_cast<unsigned char>(c) < 0x20; });
}

bool is_byte(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  while (text.ends_with('=') && text.size() % 4 != 2) text.remove_suffix(1);
  return std::ranges::all_of(text,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
}

/// Go's: "1h30m", "-1.5s", "0"; or in words, "3 weeks".
bool is_duration(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return true;
  if (text.empty()) return false;
  constexpr std::array<std::string_view, 30> kUnits = {"milliseconds",
                                                       "millisecond",
                                                       "microseconds",
                                                       "microsecond",
                                                       "nanoseconds",
                                                       "nanosecond",
                                                       "seconds",
                                                       "second",
                                                       "minutes",
                                                       "minute",
                                                       "hours",
                                                       "hour",
                                                       "days",
                                                       "day",
                                                       "weeks",
                                                       "week",
                                                       "secs",
                                                       "sec",
                                                       "mins",
                                                       "min",
                                                       "hrs",
                                                       "hr",
                                                       "ns",
                                                       "us",
                                                       "ms",
                                                       "µs",
                                                       "s",
                                                       "m",
                                                       "h",
                                                       "d"};
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && (is_digit(text[digits]) || text[digits] == '.')) ++digits;
    if (digits == 0 || text.substr(0, digits) == ".") return false;
    text.remove_prefix(digits);
    if (text.starts_with(' ')) text.remove_prefix(1);
    const auto unit = std::ranges::find_if(kUnits, [&](std::string_view u) { return text.starts_with(u); });
    if (unit == kUnits.end()) return false;
    text.remove_prefix(unit->size());
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return true;
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view length = text.substr(slash + 1);
  if (length.empty() || length.size() > 3 || !std::ranges::all_of(length, is_digit)) return false;
  const std::string_view address = text.substr(0, slash);
  return is_ipv4(address) ? number(length) <= 32 : is_ipv6(address) && number(length) <= 128;
}

}  // namespace

bool has_format(std::string_view format, const std::string& text) {
  if (format == "date-time" || format == "datetime") return is_date_time(text);
  if (format == "date") return is_date(text);
  if (format == "email") return is_email(text);
  if (format == "hostname") return is_hostname(text);
  if (format == "ipv4" || format == "ip") return is_ipv4(text) || (format == "ip" && is_ipv6(text));
  if (format == "ipv6") return is_ipv6(text);
  if (format == "cidr") return is_cidr(text);
  if (format == "uri") return is_uri(text);
  if (format == "byte") return is_byte(text);
  if (format == "duration") return is_duration(text);
  if (format == "mac") return has_shape(text, "xx:xx:xx:xx:xx:xx") || has_shape(text, "xx-xx-xx-xx-xx-xx");
  if (format == "uuid" || format == "uuid3" || format == "uuid4" || format == "uuid5") {
    const bool shaped = has_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    if (format.size() == 4) return shaped || has_shape(text, std::string(32, 'x'));
    return shaped && text[14] == format[4];
  }
  return true;
}

}  // namespace racebed::models

#include "plots/script.hpp"

#include <fmt/format.h>

#include <cmath>

namespace racebed::plots {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

std::string word(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    // A data block knows no escape for its quote, and takes a backslash for the begin of one.
    out += c == '"' ? '\'' : c == '\\' ? '/' : c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

std::string data(const std::string& name, const std::vector<std::string>& rows) {
  std::string out = "$" + name + " << EOD\n";
  for (const std::string& row : rows) out += row + "\n";
  return out + "EOD\n";
}

std::string ticks(const std::vector<std::pair<std::string, double>>& marks) {
  std::string out;
  for (const auto& [text, at] : marks) out += (out.empty() ? "(" : ", ") + quoted(text) + " " + number(at);
  return out + ")";
}

double tick_step(double top) {
  const double rough = std::max(top / 4, 1.0);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  return power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
}

std::string number(double value) {
  if (value == 0) return "0";
  const int digits = std::max(0, 2 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string seconds(std::int64_t microseconds) {
  return fmt::format("{:.3f}", static_cast<double>(microseconds) / 1e6);
}

std::string milliseconds(std::int64_t microseconds) {
  return fmt::format("{:.1f}", static_cast<double>(microseconds) / 1e3);
}

std::string counted(std::uint64_t n, const std::string& noun, const std::string& plural) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits + " " + (n == 1 ? noun : plural.empty() ? noun + "s" : plural);
}

}  // namespace racebed::plots

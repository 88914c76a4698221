// Pieces of gnuplot's language, with text and data safely in it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace racebed::plots {

/// A string of gnuplot's: 'it''s'.
std::string quoted(const std::string& text);
/// A word of a data block that may hold spaces: "n-3 is lost".
std::string word(const std::string& text);
/// A data block: `$name << EOD`, one row a line.
std::string data(const std::string& name, const std::vector<std::string>& rows);
/// Marks of an axis, each a text and where it stands: ('0 ms' 0, '50 ms' 1).
std::string ticks(const std::vector<std::pair<std::string, double>>& marks);
/// A step of an axis that gives some four marks from 0 to `top`: 1, 2 or 5, with zeros; at least 1.
double tick_step(double top);
/// A number as short as it can be said with three digits that mean something, with no exponent: 0.0125, 1250.
std::string number(double value);
/// Seconds of virtual time, to the millisecond, of microseconds.
std::string seconds(std::int64_t microseconds);
std::string milliseconds(std::int64_t microseconds);
/// "1 run", "1,250 runs"; `plural` where it is not the noun with an s.
std::string counted(std::uint64_t n, const std::string& noun, const std::string& plural = "");

}  // namespace racebed::plots

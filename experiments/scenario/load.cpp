#include "experiments/scenario/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiments/scenario/embedded.hpp"
#include "experiments/scenario/fields.hpp"

namespace racebed::experiments {
namespace {

using Json = nlohmann::json;

std::string listed(const auto& words) {
  std::string text;
  for (const auto& word : words) text += fmt::format("{}{}", text.empty() ? "" : ", ", word);
  return text;
}

/// How many edits turn one word into the other; for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// Reads one JSON object into a struct by its fields.
class Reader {
 public:
  Reader(const Json& object, std::string path, const std::string& where)
      : object_(object), path_(std::move(path)), where_(where) {}

  template <class T>
  static void read(const Json& value, T& out, const std::string& path, const std::string& where) {
    if (!value.is_object()) fail(where, path, value, "an object");
    Reader reader(value, path, where);
    fields(reader, out);
    reader.check_keys();
  }

  template <class T, class... Rule>
  void operator()(const char* key, T& member, const char*, const Rule&... rule) {
    known_.push_back(key);
    const auto it = object_.find(key);
    if (it == object_.end()) return;
    const std::string path = path_.empty() ? key : path_ + "." + key;
    read_value(*it, member, path, rule...);
  }

 private:
  [[noreturn]] static void fail(const std::string& where, const std::string& path, const Json& found,
                                const std::string& expected) {
    std::string text = found.dump();
    if (text.size() > 40) text = text.substr(0, 40) + "...";
    throw InputError(fmt::format("{}: {}: found {}, expected {}", where, path.empty() ? "the file" : path,
                                 text, expected));
  }

  void check_keys() const {
    for (auto it = object_.begin(); it != object_.end(); ++it) {
      if (std::find(known_.begin(), known_.end(), it.key()) != known_.end() ||
          (path_.empty() && it.key() == "$schema"))
        continue;
      const auto nearest = std::min_element(known_.begin(), known_.end(), [&](const auto& a, const auto& b) {
        return distance(a, it.key()) < distance(b, it.key());
      });
      const std::string path = path_.empty() ? it.key() : path_ + "." + it.key();
      const bool close = nearest != known_.end() && distance(*nearest, it.key()) <= 2;
      throw InputError(fmt::format("{}: {}: unknown key, expected {}", where_, path,
                                   close ? fmt::format("\"{}\"?", *nearest) : "one of " + listed(known_)));
    }
  }

  void read_value(const Json& value, std::uint64_t& out, const std::string& path,
                  const Bounds& bounds) const {
    const auto expected = fmt::format("an integer from {} to {}", bounds.min, bounds.max);
    if (!value.is_number_unsigned()) fail(where_, path, value, expected);
    out = value.get<std::uint64_t>();
    if (out < bounds.min || out > bounds.max) fail(where_, path, value, expected);
  }
  void read_value(const Json& value, bool& out, const std::string& path) const {
    if (!value.is_boolean()) fail(where_, path, value, "true or false");
    out = value.get<bool>();
  }
  void read_value(const Json& value, std::string& out, const std::string& path,
                  const Words& words = {}) const {
    const std::string expected = words.empty() ? "a text" : "one of " + listed(words);
    if (!value.is_string()) fail(where_, path, value, expected);
    out = value.get<std::string>();
    if (!words.empty() && std::find(words.begin(), words.end(), out) == words.end())
      fail(where_, path, value, expected);
  }
  void read_value(const Json& value, std::vector<std::string>& out, const std::string& path,
                  const Words& words) const {
    if (!value.is_array() || value.empty())
      fail(where_, path, value, "an array with at least one of " + listed(words));
    out.clear();
    for (std::size_t i = 0; i < value.size(); ++i) {
      read_value(value[i], out.emplace_back(), fmt::format("{}[{}]", path, i), words);
    }
  }
  void read_value(const Json& value, Duration& out, const std::string& path) const {
    const auto parsed = value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
    if (!parsed) fail(where_, path, value, "a duration such as \"150ms\", \"30s\" or \"2h\"");
    out = *parsed;
  }
  /// {"min": ..., "max": ...}, or one duration for both.
  void read_value(const Json& value, DurationRange& out, const std::string& path) const {
    if (value.is_string()) {
      read_value(value, out.min, path);
      out.max = out.min;
      return;
    }
    if (!value.is_object() || value.size() != 2 || !value.contains("min") || !value.contains("max")) {
      fail(where_, path, value, "a duration, or {\"min\": duration, \"max\": duration}");
    }
    read_value(value["min"], out.min, path + ".min");
    read_value(value["max"], out.max, path + ".max");
    if (out.max < out.min) fail(where_, path, value, "max not below min");
  }
  template <class T>
  void read_value(const Json& value, std::vector<T>& out, const std::string& path) const {
    if (!value.is_array()) fail(where_, path, value, "an array");
    out.clear();
    for (std::size_t i = 0; i < value.size(); ++i)
      read(value[i], out.emplace_back(), fmt::format("{}[{}]", path, i), where_);
  }
  template <class T>
  void read_value(const Json& value, T& out, const std::string& path) const {
    read(value, out, path, where_);
  }

  const Json& object_;
  std::string path_;
  const std::string& where_;
  std::vector<std::string> known_;
};

/// Line and column (from 1) of a byte of the text.
std::pair<std::size_t, std::size_t> place_of(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte, text.size());
  const auto line = 1 + static_cast<std::size_t>(
                            std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  const std::size_t begin = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  return {line, begin == std::string::npos ? end + 1 : end - begin};
}

Json parse_json(const std::string& text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto [line, column] = place_of(text, error.byte == 0 ? 0 : error.byte - 1);
    std::string what = error.what();
    if (const std::size_t at = what.find("syntax error"); at != std::string::npos) what = what.substr(at);
    std::replace(what.begin(), what.end(), '\n', ' ');
    throw InputError(fmt::format("{}:{}:{}: malformed JSON: {}", where, line, column, what));
  }
}

/// Sets "a.b[0].c" in `document` to `text`.
void set_value(Json& document, const Setting& setting) {
  const auto& [path, text] = setting;
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = text;
  std::string pointer;
  for (char c : path)
    pointer += c == '.' || c == '[' ? std::string("/") : c == ']' ? std::string() : std::string(1, c);
  try {
    document[Json::json_pointer("/" + pointer)] = std::move(value);
  } catch (const Json::exception&) {
    throw InputError(
        fmt::format("--set {}={}: no such place, expected a path such as workload.cycles", path, text));
  }
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw InputError(fmt::format("{}: cannot be read, expected a scenario file", path));
  return text.str();
}

}  // namespace

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const EmbeddedScenario& scenario : embedded_scenarios()) names.emplace_back(scenario.name);
  return names;
}

Scenario parse_scenario(std::string name, const std::string& text, const std::string& where,
                        const std::vector<Setting>& settings) {
  Json document = parse_json(text, where);
  for (const Setting& setting : settings) set_value(document, setting);
  Scenario scenario;
  Reader::read(document, scenario, "", where);
  scenario.name = std::move(name);
  return scenario;
}

Scenario load_scenario(const std::string& name_or_path, const std::vector<Setting>& settings) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json")) {
    std::string name = name_or_path.substr(name_or_path.rfind('/') + 1);
    if (name.ends_with(".json")) name.resize(name.size() - 5);
    return parse_scenario(name, read_file(name_or_path), name_or_path, settings);
  }
  for (const EmbeddedScenario& scenario : embedded_scenarios()) {
    if (scenario.name == name_or_path)
      return parse_scenario(name_or_path, std::string(scenario.text), name_or_path + ".json", settings);
  }
  throw InputError(fmt::format("unknown scenario \"{}\", expected a path or one of {}", name_or_path,
                               listed(scenario_names())));
}

}  // namespace racebed::experiments

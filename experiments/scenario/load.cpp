#include "experiments/scenario/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiments/scenario/embedded.hpp"
#include "experiments/scenario/fault_plans.hpp"
#include "experiments/scenario/fields.hpp"

namespace racebed::experiments {
namespace {

using Json = nlohmann::json;

/// As JSON; bytes that are no UTF-8 are shown as U+FFFD.
std::string shown(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What a user typed may hold line breaks, and bytes that are no text; the message about it does not.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return Json::parse(shown(text)).get<std::string>();
}

bool is_utf8(const std::string& text) {
  return Json::parse(shown(text)).get_ref<const std::string&>() == text;
}

/// At most so many bytes, whole characters.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string listed(const auto& words) {
  std::string text;
  for (const auto& word : words) {
    const std::string_view shown = word;
    if (!shown.empty()) text += fmt::format("{}{}", text.empty() ? "" : ", ", shown);
  }
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

/// What was probably meant: "\"http-status\"?", or all that there is.
std::string one_of(const auto& words, const std::string& found) {
  constexpr std::size_t kNear = 2;
  for (std::size_t edits = 1; edits <= kNear; ++edits) {
    for (const auto& word : words) {
      if (distance(word, found) == edits) return fmt::format("\"{}\"?", std::string_view(word));
    }
  }
  return "one of " + listed(words);
}

/// The scenario whose name is the nearest to what was typed, or begins or ends with it: ": \"http-429\"?", or
/// nothing.
std::string resembling(std::string_view name) {
  const EmbeddedScenario* nearest = nullptr;
  constexpr std::size_t kFar = 3;
  std::size_t edits = kFar;
  for (const EmbeddedScenario& known : embedded_scenarios()) {
    const bool part = name.size() >= 3 && (known.name.starts_with(name) || known.name.ends_with(name));
    const std::size_t apart = std::min<std::size_t>(distance(known.name, name), part ? 2 : kFar);
    if (apart < edits) {
      nearest = &known;
      edits = apart;
    }
  }
  return nearest == nullptr ? "" : fmt::format(": \"{}\"?", nearest->name);
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
    throw InputError(fmt::format("{}: {}: found {}, expected {}", where, path.empty() ? "the file" : path,
                                 cut(shown(found), 40), expected));
  }

  void check_keys() const {
    for (auto it = object_.begin(); it != object_.end(); ++it) {
      if (std::find(known_.begin(), known_.end(), it.key()) != known_.end() ||
          (path_.empty() && it.key() == "$schema"))
        continue;
      const std::string path = path_.empty() ? it.key() : path_ + "." + it.key();
      throw InputError(
          fmt::format("{}: {}: unknown key, expected {}", where_, path, one_of(known_, it.key())));
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
    if (!value.is_string()) fail(where_, path, value, words.empty() ? "a text" : "one of " + listed(words));
    out = value.get<std::string>();
    if (!words.empty() && std::find(words.begin(), words.end(), out) == words.end())
      fail(where_, path, value, one_of(words, out));
  }
  void read_value(const Json& value, std::vector<std::string>& out, const std::string& path,
                  const Words& words) const {
    // Nothing may be named only where that means something: where it is the default.
    if (!value.is_array() || (value.empty() && !out.empty()))
      fail(where_, path, value,
           words.empty() ? "an array of texts" : "an array with at least one of " + listed(words));
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
  /// {"min": ..., "max": ...}, where the one that is not named keeps its default; or one duration for both.
  void read_value(const Json& value, DurationRange& out, const std::string& path) const {
    if (value.is_string()) {
      read_value(value, out.min, path);
      out.max = out.min;
      return;
    }
    if (!value.is_object())
      fail(where_, path, value, "a duration, or {\"min\": duration, \"max\": duration}");
    read(value, out, path, where_);
    if (out.max < out.min) {
      fail(where_, path, value,
           fmt::format("min ({}) not above max ({})", duration_text(out.min), duration_text(out.max)));
    }
  }
  /// As a DurationRange.
  void read_value(const Json& value, CountRange& out, const std::string& path, const Bounds& bounds) const {
    if (!value.is_object()) {
      read_value(value, out.min, path, bounds);
      out.max = out.min;
      return;
    }
    read(value, out, path, where_);
    if (out.max < out.min)
      fail(where_, path, value, fmt::format("min ({}) not above max ({})", out.min, out.max));
    if (out.min < bounds.min || out.max > bounds.max)
      fail(where_, path, value, fmt::format("integers from {} to {}", bounds.min, bounds.max));
  }
  /// Kept as texts: what they may be is for whoever knows the names.
  void read_value(const Json& value, std::map<std::string, std::string>& out, const std::string& path) const {
    if (!value.is_object()) fail(where_, path, value, "an object");
    out.clear();
    for (const auto& [name, content] : value.items()) out[name] = shown(content);
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

constexpr int kDepthMax = 32;

/// Refuses what is nested deeper than any scenario is; printing it would exhaust the stack.
bool check_depth(const std::string& where, int depth) {
  if (depth > kDepthMax)
    throw InputError(fmt::format("{}: nested more than {} deep, expected a scenario", where, kDepthMax));
  return true;
}

Json parse_json(const std::string& text, const std::string& where) {
  const auto malformed = [&](std::size_t byte, std::string what) {
    const auto [line, column] = place_of(text, byte);
    return InputError(fmt::format("{}:{}:{}: malformed JSON: {}", where, line, column, what));
  };
  try {
    return Json::parse(text,
                       [&](int depth, Json::parse_event_t, Json&) { return check_depth(where, depth); });
  } catch (const Json::parse_error& error) {
    std::string what = error.what();
    if (const std::size_t at = what.find("syntax error"); at != std::string::npos) what = what.substr(at);
    throw malformed(error.byte == 0 ? 0 : error.byte - 1, what);
  } catch (const Json::out_of_range& error) {  // "... number overflow parsing '1e400'": it has no place
    const std::string_view what = error.what();
    const std::size_t quote = std::min(what.find('\''), what.size() - 1);
    const std::string number(what.substr(quote + 1, what.rfind('\'') - quote - 1));
    throw malformed(text.find(number), fmt::format("{} is too large a number", number));
  }
}

/// The steps of "a.b[0].c": "a", "b", "0", "c". Empty if it is no path.
std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps{""};
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.' || path[i] == '[') {
      steps.emplace_back();
    } else if (path[i] != ']') {
      steps.back() += path[i];
    } else if (i + 1 < path.size() && path[i + 1] != '.' && path[i + 1] != '[') {
      return {};
    }
  }
  const bool whole = std::none_of(steps.begin(), steps.end(), [](const auto& step) { return step.empty(); });
  return whole ? steps : std::vector<std::string>{};
}

/// What `step` leads to in `place`, made if it was absent; null if there is no such place. An array grows by
/// one.
Json* follow(Json& place, const std::string& step) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc() || end != step.data() + step.size())
    return place.is_null() || place.is_object() ? &place[step] : nullptr;
  if (!place.is_null() && !place.is_array()) return nullptr;
  if (index > place.size()) return nullptr;
  if (index == place.size()) place.push_back(nullptr);
  return &place[index];
}

/// Sets "a.b[0].c" in `document` to `text`.
/// Bytes of a --set that a refusal repeats.
constexpr std::size_t kPathShown = 200;

void set_value(Json& document, const Setting& setting) {
  const auto& [path, text] = setting;
  if (!is_utf8(path) || !is_utf8(text))
    throw InputError(
        fmt::format("--set {}: found {}, expected UTF-8", cut(path, kPathShown), cut(shown(text), 40)));
  const auto limit = [](int depth, Json::parse_event_t, Json&) { return check_depth("--set", depth); };
  Json value = Json::parse(text, limit, false);
  if (value.is_discarded()) value = text;
  const std::vector<std::string> steps = steps_of(path);
  Json* place = steps.empty() || steps.size() > static_cast<std::size_t>(kDepthMax) ? nullptr : &document;
  for (const std::string& step : steps) {
    if (place != nullptr) place = follow(*place, step);
  }
  if (place == nullptr) {
    throw InputError(fmt::format("--set {}={}: no such place, expected a path such as workload.cycles",
                                 cut(path, kPathShown), cut(text, 40)));
  }
  *place = std::move(value);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw InputError(fmt::format("{}: cannot be read, expected a scenario file", path));
  return text.str();
}

}  // namespace

InputError::InputError(std::string text) : std::runtime_error(one_line(std::move(text))) {}

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
  fault_plans(scenario, where, [](const CountRange& range) { return range.min; });
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
  throw InputError(fmt::format("unknown scenario \"{}\", expected a path or a name from racebed list{}",
                               name_or_path, resembling(name_or_path)));
}

}  // namespace racebed::experiments

// What the field table says, for people and programs: expanded options, JSON schema, reference page.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/scenario/fields.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::experiments {
namespace {

using Json = nlohmann::json;

struct Printer {
  Json object = Json::object();

  template <class T>
  static Json print(const T& value) {
    Printer printer;
    T copy = value;
    fields(printer, copy);
    return std::move(printer.object);
  }
  template <class T, class... Rule>
  void operator()(const char* key, T& member, const char*, const Rule&...) {
    object[key] = value_of(member);
  }

 private:
  static Json value_of(std::uint64_t v) { return v; }
  static Json value_of(bool v) { return v; }
  static Json value_of(const std::string& v) { return v; }
  static Json value_of(const std::vector<std::string>& v) { return v; }
  static Json value_of(Duration v) { return duration_text(v); }
  static Json value_of(const CountRange& v) { return {{"min", v.min}, {"max", v.max}}; }
  static Json value_of(const std::map<std::string, std::string>& v) {
    Json object = Json::object();
    for (const auto& [name, text] : v) object[name] = Json::parse(text);
    return object;
  }
  static Json value_of(const DurationRange& v) {
    return {{"min", duration_text(v.min)}, {"max", duration_text(v.max)}};
  }
  template <class T>
  static Json value_of(const std::vector<T>& v) {
    Json array = Json::array();
    for (const T& element : v) array.push_back(print(element));
    return array;
  }
  template <class T>
  static Json value_of(const T& v) {
    return print(v);
  }
};

struct SchemaWriter {
  Json properties = Json::object();

  template <class T>
  static Json schema() {
    SchemaWriter writer;
    T defaults;
    fields(writer, defaults);
    return {
        {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(writer.properties)}};
  }
  template <class T, class... Rule>
  void operator()(const char* key, T& member, const char* meaning, const Rule&... rule) {
    Json entry = type_of(member, rule...);
    entry["description"] = meaning;
    properties[key] = std::move(entry);
  }

 private:
  static Json duration() { return {{"type", "string"}, {"pattern", "^[0-9]+(us|ms|s|m|h)$"}}; }
  static Json type_of(std::uint64_t v, const Bounds& b) {
    return {{"type", "integer"}, {"minimum", b.min}, {"maximum", b.max}, {"default", v}};
  }
  static Json type_of(bool v) { return {{"type", "boolean"}, {"default", v}}; }
  static Json type_of(const std::string& v, const Words& words = {}) {
    Json type{{"type", "string"}};
    if (!words.empty()) type["enum"] = words;
    if (!v.empty()) type["default"] = v;
    return type;
  }
  static Json type_of(const std::vector<std::string>& v, const Words& words) {
    Json item{{"type", "string"}};
    if (!words.empty()) item["enum"] = words;
    return {{"type", "array"}, {"minItems", v.empty() ? 0 : 1}, {"items", std::move(item)}, {"default", v}};
  }
  static Json type_of(const CountRange& v, const Bounds& b) {
    const Json one{{"type", "integer"}, {"minimum", b.min}, {"maximum", b.max}};
    const Json range{
        {"type", "object"}, {"additionalProperties", false}, {"properties", {{"min", one}, {"max", one}}}};
    return {{"oneOf", Json::array({one, range})}, {"default", {{"min", v.min}, {"max", v.max}}}};
  }
  static Json type_of(const std::map<std::string, std::string>&) { return {{"type", "object"}}; }
  static Json type_of(Duration v) {
    Json type = duration();
    type["default"] = duration_text(v);
    return type;
  }
  static Json type_of(const DurationRange& v) {
    const Json range{{"type", "object"},
                     {"additionalProperties", false},
                     {"properties", {{"min", duration()}, {"max", duration()}}}};
    return {{"oneOf", Json::array({duration(), range})},
            {"default", {{"min", duration_text(v.min)}, {"max", duration_text(v.max)}}}};
  }
  template <class T>
  static Json type_of(const std::vector<T>&) {
    return {{"type", "array"}, {"items", schema<T>()}};
  }
  template <class T>
  static Json type_of(const T&) {
    return schema<T>();
  }
};

struct ReferenceWriter {
  std::string text;
  std::string prefix;

  template <class T, class... Rule>
  void operator()(const char* key, T& member, const char* meaning, const Rule&... rule) {
    const std::string path = prefix + key;
    if constexpr (std::is_base_of_v<FactOptions, T>) {
      if (described_facts_) {
        text += fmt::format("| `{}` | as `{}` | {} |\n", path, kFactsPath, meaning);
        return;
      }
      described_facts_ = true;
    }
    if constexpr (requires(T& list) { requires std::is_base_of_v<FactOptions, typename T::value_type>; }) {
      text += fmt::format("| `{}` | array of objects as `{}` | {} |\n", path, kFactsPath, meaning);
    } else if constexpr (requires { value_text(member, rule...); }) {
      text += fmt::format("| `{}` | {} | {} |\n", path, value_text(member, rule...), meaning);
    } else if constexpr (requires(ReferenceWriter& w) { fields(w, member); }) {
      text += fmt::format("| `{}` | object | {} |\n", path, meaning);
      nested(member, path + ".");
    } else if constexpr (requires(ReferenceWriter& w) { fields(w, member[0]); }) {
      text += fmt::format("| `{}` | array of objects | {} |\n", path, meaning);
      typename T::value_type element;
      nested(element, path + "[].");
    }
  }

 private:
  static constexpr const char* kFactsPath = "faults[].after";
  bool described_facts_ = false;

  template <class T>
  void nested(T& member, std::string path) {
    std::swap(prefix, path);
    fields(*this, member);
    std::swap(prefix, path);
  }
  static std::string one_of(const Words& words) {
    std::string text;
    for (std::string_view word : words) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", word);
    return text;
  }
  static std::string value_text(std::uint64_t v, const Bounds& b) {
    return fmt::format("{} to {}; {}", b.min, b.max, v);
  }
  static std::string value_text(bool v) { return fmt::format("true or false; {}", v); }
  static std::string value_text(const std::string& v, const Words& words = {}) {
    return (words.empty() ? "text" : one_of(words)) + (v.empty() ? "" : "; `" + v + "`");
  }
  static std::string value_text(const std::vector<std::string>& v, const Words& words) {
    return fmt::format("array of {}; {}", words.empty() ? "texts" : one_of(words),
                       v.empty() ? "none" : fmt::format("`{}`", fmt::join(v, "`, `")));
  }
  static std::string value_text(const CountRange& v, const Bounds& b) {
    return fmt::format("integer or range of them, {} to {}; {}", b.min, b.max,
                       v.min == v.max ? fmt::format("{}", v.min) : fmt::format("{} to {}", v.min, v.max));
  }
  static std::string value_text(const std::map<std::string, std::string>&) { return "object by name"; }
  static std::string value_text(Duration v) { return fmt::format("duration; `{}`", duration_text(v)); }
  static std::string value_text(const DurationRange& v) {
    return fmt::format("range; `{}` to `{}`", duration_text(v.min), duration_text(v.max));
  }
};

}  // namespace

Json expanded(const Scenario& scenario) {
  return Printer::print(scenario);
}

Json scenario_schema() {
  Json schema = SchemaWriter::schema<Scenario>();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "racebed scenario";
  schema["properties"]["$schema"] = {{"type", "string"}};
  return schema;
}

std::string scenario_reference() {
  ReferenceWriter writer;
  Scenario defaults;
  fields(writer, defaults);
  return "# Scenario files\n\n"
         "Every key of a scenario, with what it may be and, after the semicolon, its default. Durations are "
         "texts such as\n"
         "`150ms`, `30s` or `2h`; a range is one duration or `{\"min\": ..., \"max\": ...}`, drawn from the "
         "seed in steps of\n1 ms; either end may be left out. On the command line, `--set "
         "workload.cycles=3` sets one value.\n"
         "Generated from `experiments/scenario/fields.hpp`; `scripts/test --bless experiments_scenario` "
         "renews it.\n\n"
         "| key | value; default | meaning |\n|---|---|---|\n" +
         writer.text;
}

}  // namespace racebed::experiments

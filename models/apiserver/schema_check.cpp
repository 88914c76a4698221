#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/apiserver/schema_node.hpp"

namespace racebed::models {
namespace {

using Node = Schema::Node;

constexpr const char* kInvalid = "FieldValueInvalid";

std::uint64_t characters(const std::string& utf8) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_whole(const Json& number) {
  if (number.is_number_integer()) return true;
  return number.is_number_float() && std::nearbyint(number.get<double>()) == number.get<double>();
}

/// The value itself: its own keywords, one after the other. Where a value has more than one fault, all are
/// told.
class ValueCheck {
 public:
  ValueCheck(const Node& node, const Json& value, const SchemaPath& path, std::vector<Cause>& causes)
      : node_(node), value_(value), path_(path), causes_(causes) {}

  void run() {
    const std::size_t before = causes_.size();
    check_type();
    if (value_.is_string()) check_string(value_.get_ref<const std::string&>());
    if (value_.is_number()) check_number();
    if (value_.is_array()) check_array();
    if (value_.is_object()) check_object();
    check_options();
    // The recorded server takes an empty string that it refuses for an absent one too (create-min-length).
    const bool empty = value_.is_string() && value_.get_ref<const std::string&>().empty();
    if (empty && causes_.size() > before && !types().empty()) {
      causes_.insert(causes_.begin() + static_cast<std::ptrdiff_t>(before), type_fault("null"));
    }
  }

 private:
  std::string types() const { return node_.int_or_string ? "integer,string" : node_.type; }

  Cause type_fault(const std::string& found) const {
    const std::string at = path_.without_indices();
    return {
        kInvalid, at,
        fmt::format("Invalid value: \"{0}\": {1} in body must be of type {2}: \"{0}\"", found, at, types())};
  }

  /// "spec.size in body " and then `what`.
  template <class... Args>
  void refuse_shown(const std::string& value, fmt::format_string<Args...> what, Args&&... args) {
    const std::string at = path_.without_indices();
    causes_.push_back({kInvalid, at,
                       fmt::format("Invalid value: {}: {} in body {}", value, at,
                                   fmt::format(what, std::forward<Args>(args)...))});
  }
  template <class... Args>
  void refuse(fmt::format_string<Args...> what, Args&&... args) {
    refuse_shown(shown_value(value_), what, std::forward<Args>(args)...);
  }

  bool type_matches() const {
    if (node_.int_or_string) return value_.is_string() || is_whole(value_);
    if (node_.type.empty()) return true;
    if (value_.is_null()) return node_.nullable;
    if (node_.type == "object") return value_.is_object();
    if (node_.type == "array") return value_.is_array();
    if (node_.type == "string") return value_.is_string();
    if (node_.type == "boolean") return value_.is_boolean();
    return node_.type == "integer" ? is_whole(value_) : value_.is_number();
  }

  void check_type() {
    if (!type_matches() && !(value_.is_null() && node_.nullable))
      causes_.push_back(type_fault(type_name(value_)));
  }

  void check_string(const std::string& text) {
    if (node_.max_length && characters(text) > *node_.max_length)
      refuse("should be at most {} chars long", *node_.max_length);
    if (node_.min_length && characters(text) < *node_.min_length)
      refuse("should be at least {} chars long", *node_.min_length);
    if (node_.pattern && !RE2::PartialMatch(text, *node_.pattern))
      refuse("should match '{}'", node_.pattern_text);
    if (!node_.format.empty() && !has_format(node_.format, text))
      refuse("must be of type {}: {}", node_.format, shown_value(value_));
  }

  void check_number() {
    const Json& v = value_;
    if (node_.minimum && (v < *node_.minimum || (node_.exclusive_minimum && v == *node_.minimum)))
      refuse("should be greater than {}{}", node_.exclusive_minimum ? "" : "or equal to ",
             node_.minimum->dump());
    if (node_.maximum && (*node_.maximum < v || (node_.exclusive_maximum && v == *node_.maximum)))
      refuse("should be less than {}{}", node_.exclusive_maximum ? "" : "or equal to ",
             node_.maximum->dump());
    if (node_.multiple_of && !is_multiple(*node_.multiple_of))
      refuse("should be a multiple of {}", node_.multiple_of->dump());
    const bool narrow = node_.format == "int32" && v.is_number_integer();
    if (narrow && (v < Json(-2147483648LL) || Json(2147483647LL) < v))
      refuse("must be of type int32: {}", v.dump());
  }

  bool is_multiple(const Json& of) const {
    if (value_.is_number_integer() && of.is_number_integer() && of != 0) {
      const auto divisor = of.get<std::int64_t>();
      return divisor == -1 || value_.get<std::int64_t>() % divisor == 0;
    }
    const double quotient = value_.get<double>() / of.get<double>();
    return std::abs(quotient - std::nearbyint(quotient)) < 1e-9;
  }

  void check_array() {
    const std::string size = fmt::format("{}", value_.size());
    if (node_.min_items && value_.size() < *node_.min_items)
      refuse_shown(size, "should have at least {} items", *node_.min_items);
    if (node_.max_items && value_.size() > *node_.max_items)
      refuse_shown(size, "should have at most {} items", *node_.max_items);
    if (node_.unique_items && std::set<Json>(value_.begin(), value_.end()).size() != value_.size())
      refuse("shouldn't contain duplicates");
  }

  void check_object() {
    if (node_.min_properties && value_.size() < *node_.min_properties)
      refuse("should have at least {} properties", *node_.min_properties);
    if (node_.max_properties && value_.size() > *node_.max_properties)
      refuse("should have at most {} properties", *node_.max_properties);
    for (const std::string& name : node_.required) {
      if (!value_.contains(name))
        causes_.push_back({"FieldValueRequired", path_.member(name).without_indices(), "Required value"});
    }
  }

  void check_options() {
    if (node_.options.empty() || std::ranges::find(node_.options, value_) != node_.options.end()) return;
    std::string supported;
    for (const Json& option : node_.options) {
      const std::string text = option.is_string() ? option.get<std::string>() : option.dump();
      supported += fmt::format("{}\"{}\"", supported.empty() ? "" : ", ", text);
    }
    const std::string found = value_.is_null() ? "\"null\"" : shown_value(value_);
    causes_.push_back({"FieldValueNotSupported", path_.without_indices(),
                       fmt::format("Unsupported value: {}: supported values: {}", found, supported)});
  }

  const Node& node_;
  const Json& value_;
  const SchemaPath& path_;
  std::vector<Cause>& causes_;
};

/// How many of the branches hold; the faults of the one that has the fewest.
std::size_t holding(const std::vector<Node>& branches, const Json& value, const SchemaPath& path,
                    std::vector<Cause>& nearest) {
  std::size_t count = 0;
  bool first = true;
  for (const Node& branch : branches) {
    std::vector<Cause> faults;
    check_schema(branch, value, nullptr, path, faults);
    count += faults.empty() ? 1 : 0;
    if (first || faults.size() < nearest.size()) nearest = std::move(faults);
    first = false;
  }
  return count;
}

void check_branches(const Node& node, const Json& value, const SchemaPath& path, std::vector<Cause>& causes) {
  const auto refuse = [&](const char* what) {
    causes.push_back({kInvalid, "<nil>",
                      fmt::format("Invalid value: \"\": \"{}\" must {}", path.without_indices(), what)});
  };
  std::vector<Cause> nearest;
  if (!node.any_of.empty() && holding(node.any_of, value, path, nearest) == 0) {
    refuse("validate at least one schema (anyOf)");
    std::ranges::move(nearest, std::back_inserter(causes));
  }
  if (!node.one_of.empty()) {
    nearest.clear();
    const std::size_t valid = holding(node.one_of, value, path, nearest);
    if (valid == 0) {
      refuse("validate one and only one schema (oneOf). Found none valid");
      std::ranges::move(nearest, std::back_inserter(causes));
    } else if (valid > 1) {
      refuse(fmt::format("validate one and only one schema (oneOf). Found {} valid alternatives", valid)
                 .c_str());
    }
  }
  bool all = true;
  for (const Node& branch : node.all_of) {
    const std::size_t before = causes.size();
    check_schema(branch, value, nullptr, path, causes);
    all = all && causes.size() == before;
  }
  if (!all) refuse("validate all the schemas (allOf)");
  if (node.none_of) {
    std::vector<Cause> faults;
    check_schema(*node.none_of, value, nullptr, path, faults);
    if (faults.empty()) refuse("not validate the schema (not)");
  }
}

}  // namespace

void check_schema(const Schema::Node& node, const Json& value, const Json* old, const SchemaPath& path,
                  std::vector<Cause>& causes) {
  if (old != nullptr && value == *old) return;
  ValueCheck(node, value, path, causes).run();
  check_branches(node, value, path, causes);
  if (value.is_array() && node.items) {
    for (std::size_t i = 0; i < value.size(); ++i)
      check_schema(*node.items, value[i], nullptr, path.item(i), causes);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end(); ++it) {
    const Schema::Node* member = node.of(it.key());
    if (member == nullptr) continue;
    const Json* before = nullptr;
    if (old != nullptr && old->is_object()) {
      if (const auto was = old->find(it.key()); was != old->end()) before = &*was;
    }
    check_schema(*member, *it, before, path.member(it.key()), causes);
  }
}

}  // namespace racebed::models

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "models/apiserver/cel.hpp"
#include "models/apiserver/cel_tree.hpp"

namespace racebed::models::cel {
namespace {

/// What ends an evaluation without a value. Caught where `&&` and `||` can do without, or at the very end.
struct Failure {
  std::string message;
  bool final = false;  // too much work: nothing can do without
};

[[noreturn]] void fail(std::string message) {
  throw Failure{std::move(message)};
}

/// Borrowed from the object where possible, so that a whole spec is compared without being copied.
class Value {
 public:
  explicit Value(const Json* borrowed) : borrowed_(borrowed) {}
  explicit Value(Json own) : own_(std::move(own)) {}
  const Json& get() const { return borrowed_ != nullptr ? *borrowed_ : own_; }
  bool is_borrowed() const { return borrowed_ != nullptr; }
  bool truth() const {
    if (!get().is_boolean()) fail("no such overload");
    return get().get<bool>();
  }
  const std::string& text() const {
    if (!get().is_string()) fail("no such overload");
    return get().get_ref<const std::string&>();
  }

 private:
  const Json* borrowed_ = nullptr;
  Json own_{};
};

std::int64_t integer(const Json& number) {
  if (number.is_number_unsigned() &&
      number.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    fail("integer overflow");
  }
  return number.get<std::int64_t>();
}

Json arithmetic_of_integers(char symbol, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (symbol) {
    case '+':
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case '-':
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case '*':
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) fail(symbol == '/' ? "division by zero" : "modulus by zero");
      overflow = a == std::numeric_limits<std::int64_t>::min() && b == -1;
      if (!overflow) result = symbol == '/' ? a / b : a % b;
  }
  if (overflow) fail("integer overflow");
  return result;
}

Json arithmetic_of_reals(char symbol, double a, double b) {
  switch (symbol) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      fail("no such overload");
  }
}

std::size_t characters(const std::string& utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Evaluation {
 public:
  Evaluation(const Json& self, const Json* old_self) : self_(self), old_self_(old_self) {}

  Value of(const Node& node) {
    work(1);
    switch (node.op) {
      case Op::literal:
        return Value(&node.value);
      case Op::variable:
        return variable(node);
      case Op::list:
        return list(node);
      case Op::select:
        return select(of(*node.args[0]), node.name);
      case Op::has: {
        const Value object = of(*node.args[0]);
        if (!object.get().is_object()) fail("no such overload");
        return Value(Json(object.get().contains(node.name)));
      }
      case Op::index:
        return index(of(*node.args[0]), of(*node.args[1]));
      case Op::negate:
        return negated(of(*node.args[0]));
      case Op::invert:
        return Value(Json(!of(*node.args[0]).truth()));
      case Op::arithmetic:
        return arithmetic(node.name[0], of(*node.args[0]), of(*node.args[1]));
      case Op::compare:
        return Value(Json(compared(node.name, of(*node.args[0]), of(*node.args[1]))));
      case Op::in:
        return Value(Json(contained(of(*node.args[0]), of(*node.args[1]))));
      case Op::both:
        return Value(Json(decided_by(node, false)));
      case Op::either:
        return Value(Json(decided_by(node, true)));
      case Op::choose:
        return of(*node.args[of(*node.args[0]).truth() ? 1 : 2]);
      case Op::size:
        return Value(Json(size(of(*node.args[0]))));
      case Op::text:
        return Value(Json(text(node)));
      case Op::macro:
        return macro(node);
    }
    fail("no such expression");
  }

 private:
  void work(std::uint64_t amount) {
    left_ -= std::min(amount, left_);
    if (left_ == 0) throw Failure{"operation cancelled: actual cost limit exceeded", true};
  }

  Value variable(const Node& node) const {
    for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
      if (it->first == node.name) return Value(it->second);
    }
    if (node.name == "self") return Value(&self_);
    if (old_self_ == nullptr) fail("no such attribute: oldSelf");
    return Value(old_self_);
  }

  Value list(const Node& node) {
    Json all = Json::array();
    for (const auto& arg : node.args) all.push_back(copied(of(*arg).get()));
    return Value(std::move(all));
  }

  /// A copy costs as much as it is large.
  Json copied(const Json& value) {
    work(value.is_structured() ? 1 + weight(value) : 1);
    return value;
  }

  std::uint64_t weight(const Json& value) {
    std::uint64_t total = value.size();
    if (value.is_structured()) {
      for (const Json& member : value) {
        work(1);
        total += weight(member);
      }
    }
    return total;
  }

  /// The part of a value: borrowed where the whole is.
  Value select(Value object, const std::string& name) {
    const Json& whole = object.get();
    if (!whole.is_object()) fail("no such overload");
    const auto it = whole.find(name);
    if (it == whole.end()) fail("no such key: " + name);
    return part(object, *it);
  }

  Value part(const Value& whole, const Json& member) {
    return whole.is_borrowed() ? Value(&member) : Value(copied(member));
  }

  Value index(Value whole, const Value& at) {
    const Json& json = whole.get();
    if (json.is_object()) return select(std::move(whole), at.text());
    if (!json.is_array() || !at.get().is_number_integer()) fail("no such overload");
    const std::int64_t position = integer(at.get());
    if (position < 0 || static_cast<std::uint64_t>(position) >= json.size()) {
      fail(fmt::format("index out of bounds: {}", position));
    }
    return part(whole, json[static_cast<std::size_t>(position)]);
  }

  static Value negated(const Value& value) {
    const Json& json = value.get();
    if (json.is_number_float()) return Value(Json(-json.get<double>()));
    if (!json.is_number_integer()) fail("no such overload");
    return Value(arithmetic_of_integers('-', 0, integer(json)));
  }

  Value arithmetic(char symbol, const Value& left, const Value& right) {
    const Json& a = left.get();
    const Json& b = right.get();
    if (a.is_number_integer() && b.is_number_integer())
      return Value(arithmetic_of_integers(symbol, integer(a), integer(b)));
    if (a.is_number() && b.is_number())
      return Value(arithmetic_of_reals(symbol, a.get<double>(), b.get<double>()));
    if (symbol != '+') fail("no such overload");
    if (a.is_string() && b.is_string()) {
      work(left.text().size() + right.text().size());
      return Value(Json(left.text() + right.text()));
    }
    if (!a.is_array() || !b.is_array()) fail("no such overload");
    Json both = copied(a);
    for (const Json& item : b) both.push_back(copied(item));
    return Value(std::move(both));
  }

  bool equal(const Json& a, const Json& b) {
    work(1);
    if (a.is_object() && b.is_object()) {
      if (a.size() != b.size()) return false;
      for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y) {
        if (x.key() != y.key() || !equal(*x, *y)) return false;
      }
      return true;
    }
    if (a.is_array() && b.is_array()) {
      return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                                [&](const Json& x, const Json& y) { return equal(x, y); });
    }
    if (a.is_string() && b.is_string()) work(a.get_ref<const std::string&>().size() / 64);
    return a == b;
  }

  bool compared(const std::string& symbol, const Value& left, const Value& right) {
    const Json& a = left.get();
    const Json& b = right.get();
    if (symbol == "==") return equal(a, b);
    if (symbol == "!=") return !equal(a, b);
    const bool comparable = (a.is_number() && b.is_number()) || (a.is_string() && b.is_string()) ||
                            (a.is_boolean() && b.is_boolean());
    if (!comparable) fail("no such overload");
    if (a.is_string()) work(a.get_ref<const std::string&>().size() / 64);
    if (symbol == "<") return a < b;
    if (symbol == ">") return b < a;
    return symbol == "<=" ? a <= b : b <= a;
  }

  bool contained(const Value& needle, const Value& haystack) {
    const Json& all = haystack.get();
    if (all.is_object()) return needle.get().is_string() && all.contains(needle.text());
    if (!all.is_array()) fail("no such overload");
    return std::ranges::any_of(all, [&](const Json& item) { return equal(item, needle.get()); });
  }

  /// `&&` (decided by false) and `||` (decided by true), in either order: where one side decides, it does not
  /// matter that the other has no value.
  bool decided_by(const Node& node, bool decisive) {
    std::optional<Failure> failure;
    for (const auto& arg : node.args) {
      try {
        if (of(*arg).truth() == decisive) return decisive;
      } catch (Failure& f) {
        if (f.final) throw;
        if (!failure) failure = std::move(f);
      }
    }
    if (failure) throw *failure;
    return !decisive;
  }

  std::size_t size(const Value& value) {
    const Json& json = value.get();
    if (json.is_structured()) return json.size();
    work(value.text().size() / 16);
    return characters(value.text());
  }

  bool text(const Node& node) {
    const Value on = of(*node.args[0]);
    const std::string& whole = on.text();
    const Value argument = of(*node.args[1]);
    const std::string& part = argument.text();
    work(1 + (whole.size() + part.size()) / 16);
    if (node.name == "startsWith") return whole.starts_with(part);
    if (node.name == "endsWith") return whole.ends_with(part);
    if (node.name == "contains") return whole.find(part) != std::string::npos;
    work(whole.size() / 4);
    auto pattern = node.pattern;
    if (pattern == nullptr) {
      work(2000 + 50 * part.size());
      pattern = compile_pattern(part);
      if (pattern == nullptr) fail("error parsing regexp: " + part);
    }
    return RE2::PartialMatch(whole, *pattern);
  }

  Value macro(const Node& node) {
    const Value range = of(*node.args[0]);
    if (!range.get().is_structured()) fail("no such overload");
    Json keys;  // of a map the keys are looked at
    if (range.get().is_object()) {
      keys = Json::array();
      for (const auto& member : range.get().items()) {
        work(1);
        keys.push_back(member.key());
      }
    }
    const Json& items = range.get().is_object() ? keys : range.get();
    return node.name == "filter" || node.name == "map" ? selected(node, items) : counted(node, items);
  }

  Value counted(const Node& node, const Json& items) {
    const bool all = node.name == "all";
    std::size_t yes = 0;
    std::optional<Failure> failure;
    for (const Json& item : items) {
      try {
        const bool holds = with(node, item, *node.args[1]).truth();
        if (all && !holds) return Value(Json(false));
        if (node.name == "exists" && holds) return Value(Json(true));
        yes += holds ? 1 : 0;
      } catch (Failure& f) {
        if (f.final || node.name == "exists_one") throw;
        if (!failure) failure = std::move(f);
      }
    }
    if (failure) throw *failure;
    return Value(Json(all || (node.name == "exists_one" && yes == 1)));
  }

  Value selected(const Node& node, const Json& items) {
    const bool filters = node.name == "filter" || node.args.size() == 3;
    Json out = Json::array();
    for (const Json& item : items) {
      if (filters && !with(node, item, *node.args[1]).truth()) continue;
      out.push_back(node.name == "filter" ? copied(item) : copied(with(node, item, *node.args.back()).get()));
    }
    return Value(std::move(out));
  }

  Value with(const Node& node, const Json& item, const Node& body) {
    struct Scope {
      explicit Scope(std::vector<std::pair<std::string, const Json*>>& all) : variables(all) {}
      Scope(const Scope&) = delete;
      Scope& operator=(const Scope&) = delete;
      ~Scope() { variables.pop_back(); }
      std::vector<std::pair<std::string, const Json*>>& variables;
    };
    variables_.emplace_back(node.variable, &item);
    const Scope scope(variables_);
    return of(body);
  }

  const Json& self_;
  const Json* old_self_;
  std::uint64_t left_ = Program::kWorkMax;
  std::vector<std::pair<std::string, const Json*>> variables_;  // the innermost last
};

}  // namespace

Result<bool, Error> Program::holds(const Json& self, const Json* old_self) const {
  try {
    return Evaluation(self, old_self).of(*root_).truth();
  } catch (const Failure& failure) {
    return Error{failure.message};
  }
}

Result<std::string, Error> Program::text(const Json& self, const Json* old_self) const {
  try {
    const Value value = Evaluation(self, old_self).of(*root_);
    return Result<std::string, Error>(boost::system::in_place_value, value.text());
  } catch (const Failure& failure) {
    return Error{failure.message};
  }
}

}  // namespace racebed::models::cel

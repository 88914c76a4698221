#include "models/apiserver/cel.hpp"
#include "models/apiserver/cel_tree.hpp"

namespace racebed::models::cel {
namespace {

/// The schema of what an expression selects; null where nothing is known of it.
class Names {
 public:
  explicit Names(const Json& schema) : self_(schema) {}
  std::optional<std::string> undefined;

  const Json* of(const Node& node) {
    switch (node.op) {
      case Op::variable:
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
          if (it->first == node.name) return it->second;
        }
        return &self_;
      case Op::select:
      case Op::has:
        return member(of(*node.args[0]), node.name);
      case Op::index: {
        of(*node.args[1]);
        return element(of(*node.args[0]));
      }
      case Op::macro: {
        const Json* range = of(*node.args[0]);
        const bool list = range != nullptr && range->contains("items");
        variables_.emplace_back(node.variable, list ? element(range) : nullptr);
        for (std::size_t i = 1; i < node.args.size(); ++i) of(*node.args[i]);
        variables_.pop_back();
        return node.name == "filter" ? range : nullptr;
      }
      default:
        for (const auto& arg : node.args) of(*arg);
        return nullptr;
    }
  }

 private:
  static const Json* child(const Json* schema, const char* keyword) {
    const auto it = schema->find(keyword);
    return it != schema->end() && it->is_object() ? &*it : nullptr;
  }
  static const Json* element(const Json* schema) {
    if (schema == nullptr) return nullptr;
    const Json* items = child(schema, "items");
    return items != nullptr ? items : child(schema, "additionalProperties");
  }
  const Json* member(const Json* schema, const std::string& name) {
    if (schema == nullptr) return nullptr;
    const Json* properties = child(schema, "properties");
    if (properties != nullptr && properties->contains(name)) return &properties->at(name);
    if (const Json* additional = child(schema, "additionalProperties")) return additional;
    const bool open = schema->value("x-kubernetes-preserve-unknown-fields", false) ||
                      schema->value("x-kubernetes-embedded-resource", false);
    const bool known_whole = schema->contains("type") && !open && !schema->contains("additionalProperties");
    if (known_whole && !undefined) undefined = name;
    return nullptr;
  }

  const Json& self_;
  std::vector<std::pair<std::string, const Json*>> variables_;
};

}  // namespace

std::optional<std::string> Program::undefined_field(const Json& schema) const {
  Names names(schema);
  names.of(*root_);
  return names.undefined;
}

}  // namespace racebed::models::cel

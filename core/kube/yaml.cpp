#include "core/kube/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace racebed::kube {
namespace {

using nlohmann::json;

constexpr int kDepthMax =
    100;  // of nesting: no file of ours is that deep, and recursion has to end somewhere

struct TooDeep {};

/// https://yaml.org/spec/1.2.2/#103-core-schema
json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  const char* const begin = text.data() + (text.front() == '+' ? 1 : 0);
  if (const auto [stop, error] = std::from_chars(begin, end, integer); error == std::errc() && stop == end)
    return integer;
  double number = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, number); error == std::errc() && stop == end)
    return number;
  return text;
}

json from_node(const YAML::Node& node, int depth) {
  if (depth > kDepthMax) throw TooDeep{};
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      return node.Tag() == "!" ? json(node.Scalar()) : plain_scalar(node.Scalar());
    case YAML::NodeType::Sequence: {
      json list = json::array();
      for (const YAML::Node& item : node) list.push_back(from_node(item, depth + 1));
      return list;
    }
    case YAML::NodeType::Map: {
      json object = json::object();
      for (const auto& member : node)
        object[member.first.as<std::string>()] = from_node(member.second, depth + 1);
      return object;
    }
  }
  return nullptr;
}

}  // namespace

Result<json, std::string> parse_yaml(const std::string& text) {
  try {
    return Result<json, std::string>(boost::system::in_place_value, from_node(YAML::Load(text), 0));
  } catch (const YAML::Exception& error) {
    return Result<json, std::string>(boost::system::in_place_error,
                                     fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  } catch (const TooDeep&) {
    return Result<json, std::string>(boost::system::in_place_error,
                                     fmt::format("nested deeper than {}", kDepthMax));
  }
}

}  // namespace racebed::kube

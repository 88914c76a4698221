// Makes the answers of two servers comparable: what a server makes up is replaced by names that both share,
// in order of first appearance, and what only a person reads is left out.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace racebed::tests {

using Json = nlohmann::json;

class Normal {
 public:
  explicit Normal(std::string ns) : ns_(std::move(ns)) {}
  /// uid → <uid-N>, resourceVersion → <rv-N>, times → <time>, the case's namespace → <ns>, causes sorted.
  Json walk(const Json& value, const std::string& key = {}, const Json* parent = nullptr);

 private:
  using Names = std::map<std::string, std::string>;
  static std::string name(Names& table, const char* prefix, const std::string& value);
  std::string text(std::string value);
  Json walk_object(const Json& value);
  Json walk_string(const std::string& value, const std::string& key, const Json* parent);

  std::string ns_;
  Names uids_;
  Names revisions_;
};

/// Without the human-readable text of Status bodies.
Json relaxed(const Json& value);
/// The first few differences, as "path: want, got"; empty when equal.
std::string differences(const Json& want, const Json& got);

}  // namespace racebed::tests

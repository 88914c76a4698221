// YAML as JSON: kubeconfigs and configuration files. yaml-cpp stays behind this header.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runtime/result.hpp"

namespace racebed::kube {

/// The first document of `text`; JSON is YAML too. Plain scalars become numbers, booleans and null as
/// YAML 1.2's core schema has them; quoted ones stay text. The error is one line with the place.
Result<nlohmann::json, std::string> parse_yaml(const std::string& text);

}  // namespace racebed::kube

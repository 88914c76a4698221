// Finds the secrets in a notification's texts, by the families that the original's sanitiser knows
// (specification C.4): key and value, bearer and well-known tokens, credentials in a URL, PEM blocks. It is
// the judge's own eye: what it does not recognise is not held against anybody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// The values, at least six characters long each.
std::vector<std::string> secrets_in(std::string_view text);
/// Of all strings in a JSON value.
std::vector<std::string> secrets_in(const models::Json& json);

}  // namespace racebed::experiments

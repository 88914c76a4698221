#include <fmt/format.h>

#include "models/apiserver/crd.hpp"

namespace racebed::models {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

void complete_definition(Json& definition) {
  const auto spec = definition.find("spec");
  if (spec == definition.end() || !spec->is_object()) return;
  if (!spec->contains("conversion")) (*spec)["conversion"] = {{"strategy", "None"}};
  const auto names = spec->find("names");
  if (names == spec->end() || !names->is_object()) return;
  const auto kind = names->find("kind");
  if (kind == names->end() || !kind->is_string()) return;
  const auto missing = [&](const char* name) {
    const auto it = names->find(name);
    return it == names->end() || *it == "";
  };
  if (missing("singular")) (*names)["singular"] = lower(kind->get<std::string>());
  if (missing("listKind")) (*names)["listKind"] = kind->get<std::string>() + "List";
}

}  // namespace racebed::models

#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/selector.hpp"
#include "runtime/assert.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {

void selector(std::string_view bytes) {
  const std::string_view labels = take_line(bytes);
  const std::string_view fields = take_line(bytes);
  const auto object = models::parse_json_body(bytes);
  auto required = models::Selector::parse_labels(labels);
  auto wanted = models::Selector::parse_fields(fields);
  if (required) {
    const std::string text = models::Selector::to_text(*required);
    const auto again = models::Selector::parse_labels(text);
    RACEBED_ASSERT(again.has_value(), "what a selector says of itself is a selector: " + text);
    RACEBED_ASSERT(models::Selector::to_text(*again) == text, "and the same one: " + text);
  }
  const models::Selector all(required ? std::move(*required) : std::vector<models::Requirement>{},
                             wanted ? std::move(*wanted) : std::vector<models::FieldRequirement>{});
  if (object) (void)all.matches(object->value);
}

}  // namespace racebed::fuzz

#include "experiments/world/api_conditions.hpp"

namespace racebed::experiments {

ApiPassage ApiConditions::passage(const ApiMessage& message) {
  using Outcome = faults::MessageVerdict::Outcome;
  const bool request = message.part == ApiMessage::Part::request;
  const faults::MessageVerdict verdict =
      engine_.weather().message(message.client, message.server, request, message.bytes);
  ApiPassage passage;
  passage.extra = verdict.latency;
  if (request) passage.endpoint = engine_.rerouted(message.client);
  if (verdict.outcome == Outcome::lost) passage.outcome = ApiPassage::Outcome::lose;
  if (verdict.outcome == Outcome::refused) passage.outcome = ApiPassage::Outcome::refuse;
  if (verdict.outcome == Outcome::reset) passage.outcome = ApiPassage::Outcome::break_connection;
  return passage;
}

std::size_t ApiConditions::front_end(std::string_view, std::size_t endpoints) {
  return kernel_.choices().pick(endpoints, "api-front-end");
}

}  // namespace racebed::experiments

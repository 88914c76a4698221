// The faults' say about messages between clients and API servers, in the transport's terms.
#pragma once

#include "experiments/world/api_weather.hpp"
#include "faults/engine.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

class ApiConditions final : public ApiWeather, public FrontEndChoice {
 public:
  /// Both must outlive it.
  ApiConditions(sim::Kernel& kernel, faults::Engine& engine) : kernel_(kernel), engine_(engine) {}
  ApiPassage passage(const ApiMessage& message) override;
  /// Any of them, drawn, as behind a load balancer.
  std::size_t front_end(std::string_view client, std::size_t endpoints) override;

 private:
  sim::Kernel& kernel_;
  faults::Engine& engine_;
};

}  // namespace racebed::experiments

#include "plots/figures.hpp"

namespace racebed::plots {

std::vector<Figure> figures(const evidence::Material& material) {
  return {latency(material),      latency_against_load(material),
          resources(material),    connections(material),
          failover(material),     duplicate_window(material),
          kill_moment(material),  tls_faults(material),
          breaker(material),      one_run(material),
          leader_death(material), discovery(material),
          trend(material)};
}

}  // namespace racebed::plots

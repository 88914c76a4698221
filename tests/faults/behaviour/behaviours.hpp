// tests/faults/behaviour/behaviours.json: for each fault of the catalogue, and for each word that it can be
// set to, what it must show in a small run.
#pragma once

#include <string>
#include <vector>

#include "experiments/scenario/load.hpp"

namespace racebed::tests {

struct Behaviour {
  std::string fault;
  std::string with;  // its parameters, as JSON; empty: as they are
  /// The scenario but for the fault, and with it.
  std::vector<experiments::Setting> calm;
  std::vector<experiments::Setting> settings;
  /// Parts of lines of the run's account: the first is not there without the fault.
  std::vector<std::string> shows;
  /// Where nothing can be seen from outside: the test of the model that shows it, and its file.
  std::string elsewhere;
  std::string elsewhere_file;

  /// "net-reset {"when":"after"}"
  std::string name() const;
  /// Whether the row is about this word of this parameter.
  bool is_about(const std::string& parameter, const std::string& word) const;
};

std::vector<Behaviour> read_behaviours();

}  // namespace racebed::tests

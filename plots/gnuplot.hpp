// Figures to bytes: the one place that knows gnuplot-iostream, and the process behind it.
#pragma once

#include <string>

#include "plots/figure.hpp"

namespace racebed::plots {

struct Rendered {
  std::string svg;  // a file of its own, and fit to stand in a page beside others (svg.hpp)
  std::string png;
};

/// The same figure gives the same bytes. Requires a script. Takes some 0.1 s. Throws std::runtime_error with
/// gnuplot's own words when there is no gnuplot, or it does not understand the script.
Rendered render(const Figure& figure);

}  // namespace racebed::plots

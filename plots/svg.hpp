// gnuplot's SVG, made fit to stand in a page beside others, and smaller.
#pragma once

#include <string>

#include "plots/figure.hpp"

namespace racebed::plots {

/// The element alone. Its names (ids, and what refers to them) begin with the figure's; what gnuplot says of
/// itself is gone; who cannot see it hears the title and the caption; it is as wide as its place.
std::string tidied_svg(const std::string& svg, const Figure& figure);

/// The same as a file.
std::string svg_file(const std::string& element);

}  // namespace racebed::plots

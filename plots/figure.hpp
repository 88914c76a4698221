// One figure of a report, as a value: what gnuplot is told, and what a reader is told.
#pragma once

#include <string>
#include <vector>

namespace racebed::plots {

struct Figure {
  std::string id;     // of its files, and of its place in a page: "latency-cdf"
  std::string title;  // as of a page's section
  /// What is drawn, of how many runs, with which interval, and what to see in it.
  std::string caption;
  /// What the database would need for it, and how that is made. Empty: it is all there, and there is a
  /// script.
  std::string missing;
  /// gnuplot's commands with the data among them, without a terminal and without style.hpp's preamble.
  std::string script;
  int width = 640;  // pixels of the PNG; units of the SVG, which grows with its page
  int height = 400;
  std::vector<std::string> commands{};  // that bring back what is drawn
};

}  // namespace racebed::plots

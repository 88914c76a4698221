// A table of rates as a map: each cell's colour is the rate, its text the counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/statistics/comparison.hpp"

namespace racebed::plots {

struct MapCell {
  double share = 0;  // 0 to 1: the colour; less than 0: none
  std::string text;  // "3/200"
};

/// The rate with its counts; where there is no run, a dash and no colour.
MapCell rate_cell(const evidence::Counts& counts);

struct Map {
  std::string name;  // of its data blocks
  std::string title, x_label, y_label;
  std::vector<std::string> columns;
  std::vector<std::string> rows;            // from the top
  std::vector<std::vector<MapCell>> cells;  // by row
  bool columns_on_top = false;              // their names; else below
};

/// gnuplot's commands for one; the palette is set, from 0 to 1.
std::string map_script(const Map& map);

}  // namespace racebed::plots

#include "plots/map.hpp"

#include <fmt/format.h>

#include "plots/script.hpp"
#include "plots/style.hpp"

namespace racebed::plots {

MapCell rate_cell(const evidence::Counts& counts) {
  if (counts.n == 0) return {-1, "-"};
  return {static_cast<double>(counts.events) / static_cast<double>(counts.n),
          fmt::format("{}/{}", counts.events, counts.n)};
}

std::string map_script(const Map& map) {
  // Half of the palette's darkness: above it text must be light.
  constexpr double kDark = 0.45;
  std::vector<std::string> boxes;
  std::vector<std::string> dark_text;
  std::vector<std::string> light_text;
  std::vector<std::pair<std::string, double>> columns;
  std::vector<std::pair<std::string, double>> lines;
  for (std::size_t x = 0; x < map.columns.size(); ++x) columns.emplace_back(map.columns[x], x);
  for (std::size_t y = 0; y < map.rows.size(); ++y) {
    lines.emplace_back(map.rows[y], y);
    for (std::size_t x = 0; x < map.cells[y].size(); ++x) {
      const MapCell& cell = map.cells[y][x];
      if (cell.share >= 0) boxes.push_back(fmt::format("{} {} {}", x, y, number(cell.share)));
      (cell.share > kDark ? light_text : dark_text).push_back(fmt::format("{} {} {}", x, y, word(cell.text)));
    }
  }
  // An empty block cannot be plotted; a point beside the map is not seen.
  for (auto* block : {&boxes, &dark_text, &light_text}) {
    if (block->empty()) block->push_back("-9 -9 0");
  }
  return data(map.name, boxes) + data(map.name + "_dark", dark_text) + data(map.name + "_light", light_text) +
         map_palette() +
         fmt::format(R"(set cbrange [0:1]
unset colorbox
unset key
unset grid
unset border
set title {1}
set xlabel {2}
set ylabel {3}
{4}
set ytics {5} scale 0
set xrange [-0.5:{6}.5]
set yrange [{7}.5:-0.5]
plot ${0} using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror fs solid noborder lc rgb '#d8dee4', \
     '' using 1:2:($1-0.485):($1+0.485):($2-0.47):($2+0.47):3 with boxxyerror fs solid noborder lc palette, \
     ${0}_dark using 1:2:3 with labels font ',12' textcolor rgb '#1b1f24', \
     ${0}_light using 1:2:3 with labels font ',12' textcolor rgb '#ffffff'
)",
                     map.name, quoted(map.title), quoted(map.x_label), quoted(map.y_label),
                     map.columns_on_top
                         ? "unset xtics\nset x2range [-0.5:" + std::to_string(columns.size() - 1) +
                               ".5]\nset x2tics " + ticks(columns) + " scale 0"
                         : "set xtics " + ticks(columns) + " scale 0",
                     ticks(lines), map.columns.size() - 1, map.rows.size() - 1);
}

}  // namespace racebed::plots

#include "plots/style.hpp"

#include <fmt/format.h>

namespace racebed::plots {

std::string preamble() {
  struct LineType {
    const char* colour;
    const char* dash;
    int marker;
  };
  const LineType types[] = {{colour::kBlue, "solid", 7},
                            {colour::kVermillion, "(12,4)", 9},
                            {colour::kGreen, "(3,3)", 5},
                            {colour::kPurple, "(12,4,3,4)", 11},
                            {colour::kOrange, "(16,3,3,3,3,3)", 13},
                            {colour::kBlack, "(6,6)", 4}};
  std::string text = "set encoding utf8\nset decimalsign '.'\nset samples 100\n";
  int number = 0;
  for (const LineType& type : types)
    text += fmt::format("set linetype {} lc rgb '{}' dt {} pt {} lw 2 ps 0.7\n", ++number, type.colour,
                        type.dash, type.marker);
  text +=
      "set linetype cycle 6\n"
      "set border 3 lc rgb '#57606a'\n"
      "set tics nomirror out scale 0.6 textcolor rgb '#1b1f24'\n"
      "set grid lt 1 lc rgb '#d8dee4' lw 0.8 dt solid\n"
      "set key outside top center horizontal Left reverse samplen 2.5 width 0.5\n"
      "set style fill solid 1.0 noborder\n"
      "set datafile missing '?'\n";
  return text;
}

std::string map_palette() {
  return "set palette defined (0 '#ffffff', 0.05 '#e3eef6', 0.5 '#6fa8d0', 1 '#0b3c5d')\n";
}

}  // namespace racebed::plots

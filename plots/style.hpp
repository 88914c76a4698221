// How all figures look: one font, one grid, and colours, dashes and markers that can be told apart without
// seeing colours, and on paper.
#pragma once

#include <string>

namespace racebed::plots {

/// Measured with by gnuplot, drawn with in the PNG. A page's SVG falls back to fonts of the same width.
inline constexpr const char* kFont = "DejaVu Sans";
inline constexpr int kFontSize = 14;

/// M. Okabe and K. Ito, "Color Universal Design" (2008): eight colours that the colour-blind can tell apart.
namespace colour {
inline constexpr const char* kBlack = "#000000";
inline constexpr const char* kGrey = "#6e7781";
inline constexpr const char* kOrange = "#E69F00";
inline constexpr const char* kSky = "#56B4E9";
inline constexpr const char* kGreen = "#009E73";
inline constexpr const char* kYellow = "#F0E442";
inline constexpr const char* kBlue = "#0072B2";
inline constexpr const char* kVermillion = "#D55E00";
inline constexpr const char* kPurple = "#CC79A7";
}  // namespace colour

/// What each script begins with: encoding, linetypes 1 to 6 (each its own colour, dash and marker), a light
/// grid, no upper and right border, the key below the plot.
std::string preamble();

/// A palette from nothing to much that is as ordered in grey as it is in colour, for maps.
std::string map_palette();

}  // namespace racebed::plots

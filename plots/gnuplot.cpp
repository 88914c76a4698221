#include "plots/gnuplot.hpp"

#include <fmt/format.h>
#include <gnuplot-iostream.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "plots/style.hpp"
#include "plots/svg.hpp"

namespace racebed::plots {
namespace {

/// A folder for what gnuplot writes; gone with the object.
class Workplace {
 public:
  Workplace() {
    std::string name = (std::filesystem::temp_directory_path() / "racebed-plot-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder " + name);
    path_ = name;
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string read(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

 private:
  std::string path_;
};

std::string drawn_as(const Figure& figure, const std::string& terminal, const std::string& file) {
  return fmt::format(
      "set terminal {} noenhanced size {},{} font '{},{}'\nset output '{}'\n{}{}unset output\n", terminal,
      figure.width, figure.height, kFont, kFontSize, file, preamble(), figure.script);
}

}  // namespace

Rendered render(const Figure& figure) {
  const Workplace place;
  {
    // Its own defaults and numbers as in C, whatever this machine's user likes. The destructor waits for its
    // end, and would print its exit status; what is wrong is in its complaints.
    Gnuplot gnuplot("LC_ALL=C.UTF-8 gnuplot --default-settings 2>'" + place.file("complaints") + "' || true");
    gnuplot << drawn_as(figure, "svg dynamic", place.file("svg")) << "reset session\n"
            << drawn_as(figure, "pngcairo", place.file("png"));
  }
  Rendered rendered{place.read("svg"), place.read("png")};
  const std::string complaints = place.read("complaints");
  if (!complaints.empty() || rendered.svg.empty() || rendered.png.empty())
    throw std::runtime_error(fmt::format("figure {}: gnuplot says: {}", figure.id, complaints));
  rendered.svg = tidied_svg(rendered.svg, figure);
  return rendered;
}

}  // namespace racebed::plots

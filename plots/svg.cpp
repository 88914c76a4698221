#include "plots/svg.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "evidence/report/xml.hpp"

namespace racebed::plots {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// What stands after each `mark` gets `prefix`, unless it has it.
void prefix_all(std::string& text, const std::string& mark, const std::string& prefix) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    if (text.compare(at, prefix.size(), prefix) != 0) text.insert(at, prefix);
  }
}

/// Groups that gnuplot opens for a change of line and closes with nothing in them.
void drop_empty_groups(std::string& text) {
  for (std::size_t end = text.find(">\n</g>\n"); end != std::string::npos;) {
    const std::size_t begin = text.rfind("<g ", end);
    if (begin == std::string::npos || text.find('>', begin) != end) {
      end = text.find(">\n</g>\n", end + 1);
      continue;
    }
    text.erase(begin, end + 7 - begin);
    end = text.find(">\n</g>\n", begin > 8 ? begin - 8 : 0);
  }
}

}  // namespace

std::string tidied_svg(const std::string& svg, const Figure& figure) {
  const std::size_t begin = svg.find("<g id=\"gnuplot_canvas\">");
  const std::size_t end = svg.rfind("</svg>");
  if (begin == std::string::npos || end == std::string::npos)
    throw std::runtime_error("figure " + figure.id + ": gnuplot's SVG has no canvas");
  std::string body = svg.substr(begin, end - begin);
  replace_all(body, " font-family=\"DejaVu Sans\" ", " ");
  replace_all(body, "<tspan >", "");
  replace_all(body, "</tspan>", "");
  replace_all(body, " stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "");
  replace_all(body, "xlink:href", "href");
  replace_all(body, "\t", "");
  drop_empty_groups(body);
  const std::string prefix = figure.id + "_";
  for (const char* mark : {"id='", "id=\"", "href='#", "href=\"#", "url(#"}) prefix_all(body, mark, prefix);
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{}title {}desc\" "
      "font-family=\"DejaVu Sans, Verdana, sans-serif\">\n<title id=\"{}title\">{}</title>\n"
      "<desc id=\"{}desc\">{}</desc>\n{}</svg>\n",
      figure.width, figure.height, prefix, prefix, prefix, evidence::xml_escaped(figure.title), prefix,
      evidence::xml_escaped(figure.caption), body);
}

std::string svg_file(const std::string& element) {
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         element.substr(std::string("<svg").size());
}

}  // namespace racebed::plots

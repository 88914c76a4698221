// Figures as bytes: what a page and a printer get.
#include <catch2/catch.hpp>

#include "plots/gnuplot.hpp"
#include "plots/svg.hpp"

using namespace racebed::plots;
using Catch::Matchers::Contains;

namespace {

Figure sample() {
  Figure figure;
  figure.id = "sample";
  figure.title = "Two lines & a <title>";
  figure.caption = "What to see.";
  figure.script =
      "set xlabel 'load'\nset ylabel 'µs'\n$d << EOD\n1 2\n2 3\n3 5\nEOD\n"
      "plot $d using 1:2 with linespoints lt 1 title 'a_b^c', '' using 1:1 with linespoints lt 2 title "
      "'1-n'\n";
  return figure;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

/// Empty: every element is closed, in the order of opening, and every attribute is in quotes, parted by
/// space.
std::string mistake_in(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return "an element without an end";
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag[0] == '?') continue;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "closes what is not open: " + tag;
      open.pop_back();
      continue;
    }
    const std::string name = tag.substr(0, tag.find_first_of(" \n/"));
    char quote = '\0';
    for (std::size_t i = name.size(); i < tag.size(); ++i) {
      const bool is_quote = tag[i] == '"' || tag[i] == '\'';
      if (quote == '\0' && is_quote) {
        if (tag[i - 1] != '=') return "a value without a name: " + tag;
        quote = tag[i];
      } else if (tag[i] == quote) {
        quote = '\0';
        if (i + 1 < tag.size() && std::string(" \n/").find(tag[i + 1]) == std::string::npos)
          return "two attributes without space: " + tag;
      }
    }
    if (quote != '\0') return "an open quote: " + tag;
    if (tag.back() != '/') open.push_back(name);
  }
  return open.empty() ? "" : "left open: " + open.back();
}

}  // namespace

TEST_CASE("an SVG is well-formed, in a page and as a file") {
  const std::string svg = render(sample()).svg;
  CHECK(mistake_in(svg) == "");
  CHECK(mistake_in(svg_file(svg)) == "");
  CHECK(mistake_in("<a b='1'c='2'/>") == "two attributes without space: a b='1'c='2'/");
  CHECK(mistake_in("<a><b></a>") == "closes what is not open: /a");
}

TEST_CASE("the same figure gives the same bytes") {
  const Rendered one = render(sample());
  const Rendered two = render(sample());
  CHECK(one.svg == two.svg);
  CHECK(one.png == two.png);
}

TEST_CASE("an SVG grows with its page, clashes with no other, and says nothing of its maker") {
  const std::string svg = render(sample()).svg;
  CHECK_THAT(svg, Contains("viewBox=\"0 0 640 400\"") && Contains("<title id=\"sample_title\">") &&
                      Contains("Two lines &amp; a &lt;title&gt;") && Contains("a_b^c"));
  CHECK_THAT(svg, !Contains("GNUPLOT") && !Contains("http") && !Contains("xlink"));
  CHECK(count(svg, "id='") + count(svg, "id=\"") == count(svg, "id='sample_") + count(svg, "id=\"sample_"));
  CHECK(count(svg, "href='#") == count(svg, "href='#sample_"));
  CHECK(svg.substr(0, svg.find('>')).find("height=") == std::string::npos);
}

TEST_CASE("a PNG is one, and as large as asked for") {
  const std::string png = render(sample()).png;
  REQUIRE(png.size() > 1000);
  CHECK(png.substr(1, 3) == "PNG");
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(png[at]); };
  CHECK(byte(18) * 256 + byte(19) == 640);
  CHECK(byte(22) * 256 + byte(23) == 400);
}

TEST_CASE("a script that gnuplot does not understand is told in its own words, with the figure's name") {
  Figure figure = sample();
  figure.script = "plot $nothing\n";
  CHECK_THROWS_WITH(render(figure), Contains("sample") && Contains("nothing"));
}

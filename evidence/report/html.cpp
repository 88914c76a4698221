#include "evidence/report/document.hpp"

namespace racebed::evidence {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Wide tables scroll in their own box; on paper they do not need to.
constexpr const char* kStyle = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; margin: 0 auto; max-width: 72rem;
  padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.3rem; margin-top: 2.2rem; }
h3 { font-size: 1.05rem; margin-top: 1.6rem; }
.box { overflow-x: auto; margin: .8rem 0 1.6rem; }
table { border-collapse: collapse; font-size: .88rem; min-width: 40rem; width: 100%; overflow-wrap: normal; }
caption { text-align: left; color: #57606a; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #d0d7de; }
th { border-bottom: 2px solid #1b1f24; } td.n, th.n { text-align: right; white-space: nowrap; }
pre { background: #f6f8fa; padding: .7rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
code { font-size: .92em; }
nav ul { columns: 18rem; padding-left: 1.2rem; font-size: .92rem; } nav .sub { margin-left: 1rem; }
a { color: #0969da; }
figure { margin: 1.6rem 0 2.2rem; max-width: 46rem; } figure h3 { margin: 0 0 .4rem; }
figure svg { display: block; width: 100%; height: auto; } figcaption { color: #3d444d; font-size: .92rem; }
figure pre { font-size: .78rem; margin: .4rem 0 0; }
.missing { border: 1px dashed #8c959f; padding: .8rem 1rem; color: #3d444d; }
.notice { border-left: .4rem solid #57606a; padding: .5rem .9rem; background: #f6f8fa; font-weight: 600; }
.good { border-color: #0072b2; } .bad { border-color: #d55e00; }
@media print { body { max-width: none; font-size: 11px; } .box { overflow: visible; } table { min-width: 0; }
  h2, h3 { break-after: avoid; } tr, figure { break-inside: avoid; } figure { max-width: 16cm; } nav { display: none; } }
)";

std::string row_of(const Table& table, const std::vector<std::string>& cells, const char* tag) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Column column = table.column(i);
    const bool code = column == Column::code && tag == std::string("td") && !cells[i].empty();
    out += std::string("<") + tag + (column == Column::number ? " class=\"n\"" : "") + ">" +
           (code ? "<code>" + escaped(cells[i]) + "</code>" : escaped(cells[i])) + "</" + tag + ">";
  }
  return out + "</tr>\n";
}

struct Writer {
  const Document& document;

  std::string operator()(const Heading& heading) const {
    const std::string tag = "h" + std::to_string(heading.level);
    const std::string id = heading.level == 2 ? " id=\"" + anchor(heading.text) + "\"" : "";
    return "<" + tag + id + ">" + escaped(heading.text) + "</" + tag + ">\n";
  }
  std::string operator()(const Paragraph& paragraph) const {
    return "<p>" + escaped(paragraph.text) + "</p>\n";
  }
  std::string operator()(const Code& code) const { return "<pre>" + escaped(code.text) + "</pre>\n"; }
  std::string operator()(const Notice& notice) const {
    const char* mood = notice.mood == Mood::good ? " good" : notice.mood == Mood::bad ? " bad" : "";
    return std::string("<p class=\"notice") + mood + "\">" + escaped(notice.text) + "</p>\n";
  }
  std::string operator()(const Table& table) const {
    std::string out = "<div class=\"box\"><table>\n";
    if (!table.caption.empty()) out += "<caption>" + escaped(table.caption) + "</caption>\n";
    out += "<thead>" + row_of(table, table.header, "th") + "</thead>\n<tbody>\n";
    for (const auto& row : table.rows) out += row_of(table, row, "td");
    return out + "</tbody></table></div>\n";
  }
  std::string operator()(const Contents&) const {
    std::string out = "<nav><ul>\n";
    for (const Block& block : document.blocks) {
      if (const auto* heading = std::get_if<Heading>(&block); heading != nullptr && heading->level == 2)
        out += "<li><a href=\"#" + anchor(heading->text) + "\">" + escaped(heading->text) + "</a></li>\n";
      if (const auto* picture = std::get_if<Picture>(&block))
        out +=
            "<li class=\"sub\"><a href=\"#" + picture->id + "\">" + escaped(picture->title) + "</a></li>\n";
    }
    return out + "</ul></nav>\n";
  }
  std::string operator()(const Picture& picture) const {
    std::string out = "<figure id=\"" + picture.id + "\">\n<h3>" + escaped(picture.title) + "</h3>\n";
    if (picture.svg.empty())
      return out + "<p class=\"missing\">" + escaped(picture.missing) + "</p>\n</figure>\n";
    out += picture.svg + "<figcaption>" + escaped(picture.caption) + "</figcaption>\n";
    if (!picture.commands.empty()) {
      out += "<pre>";
      for (const std::string& command : picture.commands) out += escaped(command) + "\n";
      out += "</pre>\n";
    }
    return out + "</figure>\n";
  }
};

}  // namespace

std::string to_html(const Document& document) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(document.title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
      escaped(document.title) + "</h1>\n";
  for (const Block& block : document.blocks) out += std::visit(Writer{document}, block);
  return out + "</body>\n</html>\n";
}

}  // namespace racebed::evidence

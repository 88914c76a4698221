#include <algorithm>

#include "evidence/report/document.hpp"
#include "evidence/report/xml.hpp"

namespace racebed::evidence {
namespace {

/// A number and its unit stay on one line.
std::string escaped(const std::string& text) {
  std::string out = xml_escaped(text);
  for (std::size_t at = out.find(" %"); at != std::string::npos; at = out.find(" %", at))
    out.replace(at, 1, "&nbsp;");
  return out;
}

// On a telephone each row of a table is a list of its own, with the column's name beside each value.
constexpr const char* kStyle = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; margin: 0 auto; max-width: 72rem;
  padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.3rem; margin-top: 2.2rem; }
h3 { font-size: 1.05rem; margin-top: 1.6rem; }
.box { overflow-x: auto; margin: .8rem 0 1.6rem; }
table { border-collapse: collapse; font-size: .88rem; width: 100%; overflow-wrap: break-word; }
caption { text-align: left; color: #57606a; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #d0d7de; }
th { border-bottom: 2px solid #1b1f24; } td.n, th.n { text-align: right; white-space: nowrap; }
pre { background: #f6f8fa; padding: .7rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
code { font-size: .92em; } code i, pre i { font-style: normal; white-space: nowrap; }
nav ul { columns: 18rem; padding-left: 1.2rem; font-size: .92rem; } nav .sub { margin-left: 1rem; }
a { color: #0969da; }
figure { margin: 1.6rem 0 2.2rem; max-width: 46rem; } figure h3 { margin: 0 0 .4rem; }
figure svg { display: block; width: 100%; height: auto; } figcaption { margin-top: .5rem; color: #3d444d; font-size: .92rem; }
figure pre { font-size: .78rem; margin: .4rem 0 0; }
.missing { border: 1px dashed #8c959f; padding: .8rem 1rem; color: #3d444d; }
.notice { border-left: .4rem solid #57606a; padding: .5rem .9rem; background: #f6f8fa; font-weight: 600; }
.good { border-color: #0072b2; } .bad { border-color: #d55e00; }
@media (max-width: 48rem) { thead { display: none; } table, caption, tbody, tr, td { display: block; }
  tr { border-bottom: 2px solid #8c959f; padding: .4rem 0; } td, td.n { border: 0; padding: .1rem 0; text-align: left;
  white-space: normal; } td[data-is]::before { content: attr(data-is) ": "; color: #57606a; } }
@media print { body { max-width: none; font-size: 11px; } .box { overflow: visible; }
  h2, h3 { break-after: avoid; } tr, figure { break-inside: avoid; } figure { max-width: 16cm; } nav { display: none; } }
)";

/// A command whose options stay whole where its line is broken.
std::string command_of(const std::string& text) {
  constexpr std::size_t kLongest = 40;
  std::string out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, end - from);
    const bool whole = word.starts_with("--") && word.size() < kLongest;
    out += (from == 0 ? "" : " ") + (whole ? "<i>" + escaped(word) + "</i>" : escaped(word));
    from = end + 1;
  }
  return out;
}

const char* class_of(Column column) {
  return column == Column::number ? " class=\"n\"" : "";
}

std::string head_of(const Table& table) {
  std::string out = "<thead><tr>";
  for (std::size_t i = 0; i < table.header.size(); ++i)
    out += std::string("<th") + class_of(table.column(i)) + ">" + escaped(table.header[i]) + "</th>";
  return out + "</tr></thead>\n";
}

std::string row_of(const Table& table, const std::vector<std::string>& cells) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool code = table.column(i) == Column::code && !cells[i].empty();
    const std::string& name = table.header[i];
    out += std::string("<td") + class_of(table.column(i)) +
           (name.empty() ? "" : " data-is=\"" + escaped(name) + "\"") + ">" +
           (code ? "<code>" + command_of(cells[i]) + "</code>" : escaped(cells[i])) + "</td>";
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
  std::string operator()(const Code& code) const { return "<pre>" + command_of(code.text) + "</pre>\n"; }
  std::string operator()(const Notice& notice) const {
    const char* mood = notice.mood == Mood::good ? " good" : notice.mood == Mood::bad ? " bad" : "";
    return std::string("<p class=\"notice") + mood + "\">" + escaped(notice.text) + "</p>\n";
  }
  std::string operator()(const Table& table) const {
    std::string out = "<div class=\"box\"><table>\n";
    if (!table.caption.empty()) out += "<caption>" + escaped(table.caption) + "</caption>\n";
    const bool has_names = std::any_of(table.header.begin(), table.header.end(),
                                       [](const std::string& name) { return !name.empty(); });
    out += (has_names ? head_of(table) : "") + "<tbody>\n";
    for (const auto& row : table.rows) out += row_of(table, row);
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
      for (const std::string& command : picture.commands) out += command_of(command) + "\n";
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

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
.notice { border-left: .4rem solid #57606a; padding: .5rem .9rem; background: #f6f8fa; font-weight: 600; }
.good { border-color: #0072b2; } .bad { border-color: #d55e00; }
@media print { body { max-width: none; font-size: 11px; } .box { overflow: visible; } table { min-width: 0; }
  h2, h3 { break-after: avoid; } tr { break-inside: avoid; } }
)";

std::string row_of(const Table& table, const std::vector<std::string>& cells, const char* tag) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool number = i < table.numbers.size() && table.numbers[i];
    out +=
        std::string("<") + tag + (number ? " class=\"n\"" : "") + ">" + escaped(cells[i]) + "</" + tag + ">";
  }
  return out + "</tr>\n";
}

struct Writer {
  std::string operator()(const Heading& heading) const {
    const std::string tag = "h" + std::to_string(heading.level);
    return "<" + tag + ">" + escaped(heading.text) + "</" + tag + ">\n";
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
};

}  // namespace

std::string to_html(const Document& document) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(document.title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
      escaped(document.title) + "</h1>\n";
  for (const Block& block : document.blocks) out += std::visit(Writer{}, block);
  return out + "</body>\n</html>\n";
}

}  // namespace racebed::evidence

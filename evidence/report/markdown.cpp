#include <algorithm>

#include "evidence/report/document.hpp"

namespace racebed::evidence {
namespace {

/// In a table's cell, a bar would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& text : cells) out += " " + cell(text) + " |";
  return out + "\n";
}

struct Writer {
  std::string operator()(const Heading& heading) const {
    return std::string(static_cast<std::size_t>(heading.level), '#') + " " + heading.text + "\n\n";
  }
  std::string operator()(const Paragraph& paragraph) const { return paragraph.text + "\n\n"; }
  std::string operator()(const Code& code) const { return "```\n" + code.text + "\n```\n\n"; }
  std::string operator()(const Notice& notice) const { return "**" + notice.text + "**\n\n"; }
  std::string operator()(const Table& table) const {
    std::string out = table.caption.empty() ? "" : table.caption + "\n\n";
    out += line(table.header) + "|";
    for (std::size_t i = 0; i < table.header.size(); ++i)
      out += i < table.numbers.size() && table.numbers[i] ? "---:|" : "---|";
    out += "\n";
    for (const auto& row : table.rows) out += line(row);
    return out + "\n";
  }
};

}  // namespace

std::string to_markdown(const Document& document) {
  std::string out = "# " + document.title + "\n\n";
  for (const Block& block : document.blocks) out += std::visit(Writer{}, block);
  return out;
}

}  // namespace racebed::evidence

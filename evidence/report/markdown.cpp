#include <cctype>

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
  const Document& document;

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
      out += table.column(i) == Column::number ? "---:|" : "---|";
    out += "\n";
    for (auto row : table.rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (table.column(i) == Column::code && !row[i].empty()) row[i] = "`" + row[i] + "`";
      }
      out += line(row);
    }
    return out + "\n";
  }
  std::string operator()(const Contents&) const {
    std::string out;
    for (const Block& block : document.blocks) {
      if (const auto* heading = std::get_if<Heading>(&block); heading != nullptr && heading->level == 2)
        out += "- [" + heading->text + "](#" + anchor(heading->text) + ")\n";
      if (const auto* picture = std::get_if<Picture>(&block))
        out += "  - [" + picture->title + "](#" + anchor(picture->title) + ")\n";
    }
    return out + "\n";
  }
  std::string operator()(const Picture& picture) const {
    std::string out = "### " + picture.title + "\n\n";
    if (picture.svg.empty()) return out + "*" + picture.missing + "*\n\n";
    out += "![" + picture.title + "](figures/" + picture.id + ".svg)\n\n" + picture.caption + "\n\n";
    if (picture.commands.empty()) return out;
    out += "```\n";
    for (const std::string& command : picture.commands) out += command + "\n";
    return out + "```\n\n";
  }
};

}  // namespace

std::string anchor(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80 || c == '-' || c == '_')
      out += static_cast<char>(std::tolower(byte));
    else if (c == ' ')
      out += '-';
  }
  return out;
}

std::string to_markdown(const Document& document) {
  std::string out = "# " + document.title + "\n\n";
  for (const Block& block : document.blocks) out += std::visit(Writer{document}, block);
  return out;
}

}  // namespace racebed::evidence

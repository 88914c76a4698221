// What a page is made of, whatever it is written as.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace racebed::evidence {

struct Heading {
  int level = 2;  // 1 is the page's title
  std::string text;
};
struct Paragraph {
  std::string text;
};
/// Commands and other text that stands as it is.
struct Code {
  std::string text;
};
/// How a column is set: numbers flush right, commands as they are typed.
enum class Column { text, number, code };
struct Table {
  std::string caption;  // what to see in it
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
  std::vector<Column> columns{};               // missing: text
  Column column(std::size_t i) const { return i < columns.size() ? columns[i] : Column::text; }
};
/// Good, bad, or neither: shown by a word and a colour, never by the colour alone.
enum class Mood { plain, good, bad };
struct Notice {
  Mood mood = Mood::plain;
  std::string text;
};

/// Links to the headings of level 2 and to the pictures, in their order.
struct Contents {};
/// A figure, or the words for one that cannot be drawn.
struct Picture {
  std::string id;  // of its anchor, and of its file: figures/ID.svg
  std::string title;
  std::string caption;
  std::string svg;                      // the element, to stand in a page; empty: there is nothing to draw
  std::string missing;                  // why, then
  std::vector<std::string> commands{};  // that bring back what is drawn
};

/// The figures that pages choose from.
using Gallery = std::vector<Picture>;

using Block = std::variant<Heading, Paragraph, Code, Table, Notice, Contents, Picture>;

struct Document {
  std::string title;
  std::vector<Block> blocks;

  void heading(int level, const std::string& text);
  void paragraph(const std::string& text);
  void code(const std::string& text);
  void notice(Mood mood, const std::string& text);
  void table(Table table);
  void contents();
  void picture(const Picture& picture);
};

/// What a heading's or a picture's link names: "What is missing?" is what-is-missing, as on GitHub.
std::string anchor(const std::string& text);

/// GitHub's Markdown. Pictures are links to figures/ID.svg.
std::string to_markdown(const Document& document);
/// One page that needs nothing else: no script, no network, readable on paper and on a telephone.
std::string to_html(const Document& document);

}  // namespace racebed::evidence

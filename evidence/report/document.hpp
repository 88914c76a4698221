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
struct Table {
  std::string caption;  // what to see in it
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
  std::vector<bool> numbers{};                 // columns that are set flush right; missing: not
};
/// Good, bad, or neither: shown by a word and a colour, never by the colour alone.
enum class Mood { plain, good, bad };
struct Notice {
  Mood mood = Mood::plain;
  std::string text;
};

using Block = std::variant<Heading, Paragraph, Code, Table, Notice>;

struct Document {
  std::string title;
  std::vector<Block> blocks;
};

/// GitHub's Markdown.
std::string to_markdown(const Document& document);
/// One page that needs nothing else: no script, no network, readable on paper and on a telephone.
std::string to_html(const Document& document);

}  // namespace racebed::evidence

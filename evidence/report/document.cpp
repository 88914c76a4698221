#include "evidence/report/document.hpp"

#include <utility>

namespace racebed::evidence {

void Document::heading(int level, const std::string& text) {
  blocks.emplace_back(Heading{level, text});
}

void Document::paragraph(const std::string& text) {
  blocks.emplace_back(Paragraph{text});
}

void Document::code(const std::string& text) {
  blocks.emplace_back(Code{text});
}

void Document::notice(Mood mood, const std::string& text) {
  blocks.emplace_back(Notice{mood, text});
}

void Document::table(Table table) {
  blocks.emplace_back(std::move(table));
}

void Document::contents() {
  blocks.emplace_back(Contents{});
}

void Document::picture(const Picture& picture) {
  blocks.emplace_back(picture);
}

}  // namespace racebed::evidence

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// All texts of a JSON value, in order, one after the other; not the types of its blocks, which may stand in
/// the middle of a word that a block's limit has cut in two.
void collect(const models::Json& json, std::string& text) {
  if (json.is_string()) {
    text += json.get_ref<const std::string&>();
  } else if (json.is_array()) {
    for (const models::Json& element : json) collect(element, text);
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (key != "type") collect(value, text);
    }
  }
}

std::string replaced(std::string_view text, std::string_view what, char by) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
    out.append(text.substr(from, at - from));
    out.push_back(by);
    from = at + what.size();
  }
  out.append(text.substr(from));
  return out;
}

/// What a reader sees of a message: of JSON its texts, with Slack's escapes undone.
std::string readable(const std::string& content) {
  std::string text;
  const models::Json json = models::Json::parse(content, nullptr, false);
  if (json.is_structured()) {
    const auto blocks = json.find("blocks");
    collect(json.is_object() && blocks != json.end() ? *blocks : json, text);
  } else {
    text = content;
  }
  return replaced(replaced(replaced(text, "&lt;", '<'), "&gt;", '>'), "&amp;", '&');
}

/// Letters, digits and what is not ASCII: neither white space nor markup decides.
std::string plain(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) kept += c;
  }
  return kept;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", from), text.size());
    std::string word = plain(text.substr(from, end - from));
    if (!word.empty()) words.push_back(std::move(word));
    from = end + 1;
  }
  return words;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++count;
  return count;
}

/// The dangerous moment: a channel takes a message, or Slack says that it is none.
class MessageFaithful final : public Invariant {
 public:
  using Invariant::Invariant;
  /// Words that one mark of the sanitiser may stand for.
  static constexpr std::size_t kRedacted = 8;
  /// A visible cut leaves at least so many characters of what was cut (or all of them).
  static constexpr std::size_t kShownLeast = 100;

  void on_fact(const models::Fact& fact) override {
    if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      const Incarnation* incarnation = history().by_token(delivered->token);
      if (incarnation != nullptr && delivered->content && incarnation->object)
        judge(fact, *delivered, *incarnation);
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      if (!mentions(answered->refusal, {"invalid_blocks", "msg_too_long", "invalid_payload", "invalid_json"}))
        return;
      reach();
      violate(nullptr, fact.time, {fact.number},
              fmt::format("Slack says {} to a message of {}: not every valid notification can be "
                          "delivered",
                          answered->refusal, answered->sender));
    }
  }

 private:
  void judge(const models::Fact& fact, const models::Delivered& delivered, const Incarnation& incarnation) {
    const auto spec = incarnation.object->find("spec");
    if (spec == incarnation.object->end()) return;
    reach();
    const std::string message = readable(*delivered.content);
    const std::string shown = plain(message);
    std::string what;
    for (const char* part : {"subject", "body"}) {
      if (what.empty()) what = missing(part, spec->value(part, ""), message, shown);
    }
    const std::string priority = spec->value("priority", "");
    if (what.empty() && !mentions(message, {priority})) what = "its priority, " + priority;
    if (what.empty() || !told_.insert(incarnation.uid + "/" + delivered.channel).second) return;
    violate(&incarnation, fact.time, {incarnation.created_fact, fact.number},
            fmt::format("what {} took of {} lacks {}", delivered.channel, incarnation.token, what));
  }

  /// Empty if `text` is there: whole, with secrets made unreadable, or up to a visible cut.
  static std::string missing(const char* part, const std::string& text, const std::string& message,
                             const std::string& shown) {
    const std::vector<std::string> words = words_of(text);
    std::size_t at = 0;
    std::size_t lacking = 0;
    std::size_t shown_first = 0;  // characters before the first word that is lacking
    std::string first;
    for (const std::string& word : words) {
      const std::size_t found = shown.find(word, at);
      if (found == std::string::npos) {
        if (first.empty()) first = word;
        ++lacking;
        continue;
      }
      at = found + word.size();
      if (first.empty()) shown_first += word.size();
    }
    if (lacking == 0) return {};
    if (lacking <= kRedacted * count_of(message, "REDACTED")) return {};
    const bool cut = mentions(message, {"…", "...", "truncated", "[cut]"});
    if (cut && (shown_first >= kShownLeast || words.size() == 1)) return {};
    return fmt::format("{} of the {} words of its {}, from \"{}\" on", lacking, words.size(), part,
                       first.substr(0, 40));
  }

  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kMessageFaithful = {
    "message-faithful",
    "A message carries the notification's subject, body and priority, or a visible cut; no valid "
    "notification "
    "makes one that Slack cannot take.",
    "what channels took, and Slack's refusals of what is no message, against specs", Duration{0},
    make_invariant<MessageFaithful>};

}  // namespace racebed::experiments

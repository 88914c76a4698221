#include "experiments/invariants/metrics_page.hpp"

#include <algorithm>
#include <charconv>

namespace racebed::experiments {
namespace {

/// What stands before the closing quote, its escapes undone; takes both away from the line.
std::string read_value(std::string_view& line) {
  std::string value;
  for (;;) {
    const std::size_t end = std::min(line.find_first_of("\\\""), line.size());
    value.append(line.substr(0, end));
    line.remove_prefix(end);
    if (line.empty()) return value;
    const bool closes = line.front() == '"' || line.size() == 1;
    line.remove_prefix(1);
    if (closes) return value;
    value += line.front();
    line.remove_prefix(1);
  }
}

/// `{a="x",b="y"} 12`; false if it is none.
bool read_sample(std::string_view line, MetricsPage::Sample& sample) {
  if (!line.empty() && line.front() == '{') {
    line.remove_prefix(1);
    while (!line.empty() && line.front() != '}') {
      const std::size_t equals = line.find("=\"");
      if (equals == std::string_view::npos) return false;
      const std::string_view label = line.substr(0, equals);
      line.remove_prefix(equals + 2);
      sample.labels.emplace_back(label, read_value(line));
      if (!line.empty() && line.front() == ',') line.remove_prefix(1);
    }
    line.remove_prefix(std::min<std::size_t>(line.size(), 1));
  }
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return std::from_chars(line.data(), line.data() + line.size(), sample.value).ec == std::errc{};
}

}  // namespace

const std::string& MetricsPage::Sample::label(std::string_view name_of_it) const {
  static const std::string kNone;
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [&](const auto& label) { return label.first == name_of_it; });
  return found == labels.end() ? kNone : found->second;
}

MetricsPage::MetricsPage(std::string_view page) : text_(std::make_shared<const std::string>(page)) {
  std::string_view text = *text_;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end != std::string_view::npos)
      lines_.push_back({line.substr(0, name_end), line.substr(name_end)});
  }
}

std::string MetricsPage::help(std::string_view name) const {
  const std::string begin = "# HELP " + std::string(name) + " ";
  const std::size_t at = text_->find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return text_->substr(from, text_->find('\n', from) - from);
}

template <class Wanted>
std::vector<MetricsPage::Sample> MetricsPage::read(Wanted wanted) const {
  std::vector<Sample> found;
  for (const Line& line : lines_) {
    if (!wanted(line.name)) continue;
    Sample sample;
    sample.name = line.name;
    if (read_sample(line.rest, sample)) found.push_back(std::move(sample));
  }
  return found;
}

std::vector<MetricsPage::Sample> MetricsPage::samples(std::string_view name) const {
  return read([&](std::string_view of_line) { return of_line == name; });
}

std::vector<MetricsPage::Sample> MetricsPage::samples_ending(std::string_view suffix) const {
  return read([&](std::string_view of_line) { return of_line.ends_with(suffix); });
}

std::int64_t MetricsPage::sum(std::string_view name) const {
  std::int64_t total = 0;
  for (const Sample& sample : samples(name)) total += sample.value;
  return total;
}

}  // namespace racebed::experiments

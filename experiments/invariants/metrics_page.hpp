// Reads an exposition page (Prometheus text format 0.0.4): its samples, whole numbers only. A line is read
// when somebody asks for its name: most lines of a page are of names that nobody asks for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racebed::experiments {

class MetricsPage {
 public:
  struct Sample {
    std::string_view name;                                    // points into the page's text
    std::vector<std::pair<std::string, std::string>> labels;  // in the page's order
    std::int64_t value = 0;                                   // its whole part
    /// "" for a label that it does not have.
    const std::string& label(std::string_view name) const;
  };

  explicit MetricsPage(std::string_view text);

  /// Those of that name, in the page's order.
  std::vector<Sample> samples(std::string_view name) const;
  /// Those whose name ends so, "": all of them.
  std::vector<Sample> samples_ending(std::string_view suffix) const;
  /// The text of `# HELP name text`; empty if there is none.
  std::string help(std::string_view name) const;
  /// Over all samples of that name.
  std::int64_t sum(std::string_view name) const;

 private:
  struct Line {
    std::string_view name;
    std::string_view rest;  // labels and value
  };
  template <class Wanted>
  std::vector<Sample> read(Wanted wanted) const;
  std::shared_ptr<const std::string> text_;
  std::vector<Line> lines_;
};

}  // namespace racebed::experiments

#include "plots/swim_lanes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "plots/script.hpp"
#include "plots/style.hpp"

namespace racebed::plots {
namespace {

using evidence::Portrait;

constexpr const char* kWorld = "world";
constexpr int kWidth = 640;
constexpr int kTimeColumn = 66;  // right edge of the times
constexpr int kHeader = 64;
constexpr int kRow = 20;
constexpr std::size_t kLanesWide = 5;    // more: their names would meet
constexpr std::size_t kLanesAlways = 7;  // more: those in which nothing is shown are left out
constexpr int kFooter = 60;
constexpr double kLetter = 6.9;  // the width of most, at the small font

/// How messages of a kind are drawn: told apart without colour by dash and head.
struct Stroke {
  const char* kind;
  const char* colour;
  const char* dash;
  const char* head;
  const char* name;  // in the key
};
constexpr Stroke kStrokes[] = {{"requested", colour::kBlue, "solid", "filled", "sent to Slack"},
                               {"answered", colour::kGreen, "(8,4)", "empty", "answered"},
                               {"committed", colour::kBlack, "solid", "nofilled", "written"},
                               {"refused", colour::kVermillion, "(2,3)", "nofilled", "refused"}};
constexpr Stroke kOther = {"", colour::kPurple, "(8,3,2,3)", "nofilled", "other"};

const Stroke& stroke_of(const std::string& kind) {
  for (const Stroke& stroke : kStrokes) {
    if (kind == stroke.kind) return stroke;
  }
  return kOther;
}

/// Cut to what fits in so many pixels at the small font.
std::string fitting(const std::string& text, double pixels) {
  const auto most = static_cast<std::size_t>(std::max(4.0, pixels / kLetter));
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++letters > most) return text.substr(0, i) + "…";
  }
  return text;
}

class Sheet {
 public:
  Sheet(const Portrait& portrait, const std::string& title) : rows_(lane_rows(portrait)) {
    label(fitting(title, kWidth - 16), 8, 12, "left", colour::kGrey);
    const bool many = portrait.lanes.size() > kLanesAlways;
    for (const std::string& lane : portrait.lanes) {
      const bool is_shown = std::any_of(
          rows_.begin(), rows_.end(), [&](const LaneRow& row) { return row.from == lane || row.to == lane; });
      if (lane != kWorld && (is_shown || !many)) lanes_.push_back(lane);
    }
  }

  int height() const { return kHeader + kRow * static_cast<int>(rows_.size()) + kFooter; }

  std::string script() {
    header();
    for (std::size_t i = 0; i < rows_.size(); ++i) row(rows_[i], y_of(i));
    lives();
    key();
    std::string text = fmt::format(
        "unset key\nunset border\nunset tics\nunset grid\nset lmargin at screen 0\nset rmargin at screen 1\n"
        "set bmargin at screen 0\nset tmargin at screen 1\nset xrange [0:{}]\nset yrange [{}:0]\n",
        kWidth, height());
    return text + bars_ + labels_ + arrows_ + "plot NaN\n";
  }

 private:
  double y_of(std::size_t row) const { return kHeader + kRow * (static_cast<double>(row) + 0.5); }
  double x_of(const std::string& lane) const {
    const auto at = std::find(lanes_.begin(), lanes_.end(), lane);
    const double first = kTimeColumn + 40;
    const double step =
        lanes_.size() < 2 ? 0 : (kWidth - 50 - first) / static_cast<double>(lanes_.size() - 1);
    return first + step * static_cast<double>(at - lanes_.begin());
  }
  bool is_last(const std::string& lane) const { return !lanes_.empty() && lane == lanes_.back(); }

  void label(const std::string& text, double x, double y, const char* place, const char* colour,
             int size = 10) {
    labels_ += fmt::format("set label {} at {},{} {} font ',{}' textcolor rgb '{}' front\n", quoted(text),
                           number(x), number(y), place, size, colour);
  }
  void bar(double y, const char* colour, double strength) {
    bars_ += fmt::format("set object rectangle from {},{} to {},{} fc rgb '{}' fs solid {} noborder behind\n",
                         kTimeColumn + 6, number(y - kRow / 2.0 + 1), kWidth - 4, number(y + kRow / 2.0 - 1),
                         colour, number(strength));
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, const char* dash, double width,
            const std::string& head = "nohead") {
    arrows_ += fmt::format("set arrow from {},{} to {},{} {} lc rgb '{}' dt {} lw {}\n", number(x1),
                           number(y1), number(x2), number(y2), head, colour, dash, number(width));
  }

  void header() {
    // Where lanes are close, every other name stands lower.
    const bool close = lanes_.size() > kLanesWide;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      label(lanes_[i], x_of(lanes_[i]), close && i % 2 == 1 ? 46 : 32, "center", colour::kBlack, 11);
    label("s", kTimeColumn, 32, "right", colour::kGrey);
  }

  void row(const LaneRow& row, double y) {
    if (row.kind != "skipped") label(seconds(row.at_us), kTimeColumn, y, "right", colour::kGrey);
    const std::string again = row.times == 1           ? ""
                              : row.kind == "violated" ? fmt::format("  (and {} more)", row.times - 1)
                                                       : fmt::format("  ×{}", row.times);
    if (row.from == kWorld) return across(row, again, y);
    if (!row.to.empty()) return message(row, again, y);
    event(row, again, y);
  }

  void across(const LaneRow& row, const std::string& again, double y) {
    const char* back = row.kind == "violated" ? colour::kVermillion
                       : row.kind == "fault"  ? colour::kOrange
                       : row.kind == "healed" ? colour::kGreen
                                              : "#d8dee4";
    const std::string sign = row.kind == "violated" ? "✗ " : row.kind == "skipped" ? "⋮  " : row.kind + "  ";
    if (row.kind != "skipped") bar(y, back, row.kind == "violated" ? 0.3 : 0.35);
    const double room = kWidth - kTimeColumn - 24 - kLetter * static_cast<double>(again.size());
    label(fitting(sign + row.text, room) + again, kTimeColumn + 12, y, "left",
          row.kind == "skipped" ? colour::kGrey : colour::kBlack);
  }

  void message(const LaneRow& row, const std::string& again, double y) {
    const Stroke& stroke = stroke_of(row.kind);
    const double from = x_of(row.from);
    const double to = x_of(row.to);
    const double beneath = y + kRow / 2.0 - 4;
    line(from, beneath, to, beneath, stroke.colour, stroke.dash, 1.4,
         fmt::format("head {} size 7,22 fixed", stroke.head));
    const std::string word =
        row.kind == "requested" || row.kind == "answered" || row.kind == "committed" ? "" : row.kind + " ";
    label(fitting(word + row.text, std::abs(to - from) - 6 - kLetter * static_cast<double>(again.size())) +
              again,
          (from + to) / 2, y - 3, "center", stroke.colour);
  }

  void event(const LaneRow& row, const std::string& again, double y) {
    static const std::map<std::string, const char*> kSigns = {
        {"killed", "✗"},  {"lost", "✗"},    {"refused", "✗"}, {"accepted", "●"},
        {"created", "●"}, {"deleted", "○"}, {"removed", "○"}, {"lease", "★"}};
    const auto sign = kSigns.find(row.kind);
    const bool is_bad =
        row.kind == "killed" || row.kind == "lost" || row.kind == "refused" || row.kind == "paused";
    const char* colour = is_bad                   ? colour::kVermillion
                         : row.kind == "accepted" ? colour::kBlue
                                                  : colour::kBlack;
    const double x = x_of(row.from);
    label(sign == kSigns.end() ? "◆" : sign->second, x, y, "center", colour, 11);
    const std::string text = (row.kind == "lease" ? "" : row.kind + " ") + row.text + again;
    if (is_last(row.from))
      label(fitting(text, x - kTimeColumn - 60), x - 9, y, "right", colour);
    else
      label(fitting(text, kWidth - x - 30), x + 9, y, "left", colour);
  }

  /// Each lane's line: whole while its process runs, thin dots while it is dead or stands still.
  void lives() {
    for (const std::string& lane : lanes_) {
      const double x = x_of(lane);
      double since = kHeader - 8;
      bool runs = true;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].from != lane || !rows_[i].to.empty()) continue;
        const std::string& kind = rows_[i].kind;
        const bool stops = kind == "killed" || kind == "paused" || kind == "ended";
        const bool begins = kind == "started" || kind == "resumed";
        if (!(runs ? stops : begins)) continue;
        life(x, since, y_of(i), runs);
        since = y_of(i);
        runs = begins;
      }
      life(x, since, height() - kFooter + 2, runs);
    }
  }
  void life(double x, double from, double to, bool runs) {
    line(x, from, x, to, runs ? "#8c959f" : "#b0b8c0", runs ? "solid" : "(1,5)", runs ? 1.2 : 1);
  }

  void key() {
    const double y = height() - 38;
    double x = 14;
    for (const Stroke& stroke : kStrokes) {
      line(x, y, x + 34, y, stroke.colour, stroke.dash, 1.4,
           fmt::format("head {} size 7,22 fixed", stroke.head));
      label(stroke.name, x + 40, y, "left", stroke.colour);
      x += 64 + kLetter * static_cast<double>(std::string(stroke.name).size());
    }
    label("● created, accepted    ○ deleted, gone    ★ leads    ✗ violated, dies, lost    ◆ other", 14,
          height() - 16, "left", colour::kBlack);
  }

  std::vector<LaneRow> rows_;
  std::vector<std::string> lanes_;
  std::string bars_, labels_, arrows_;
};

}  // namespace

Figure swim_lanes(const Portrait& portrait, const std::string& title, const std::string& id) {
  Figure figure;
  figure.id = id;
  figure.title = title;
  if (portrait.lanes.empty() || (portrait.events.empty() && portrait.messages.empty())) {
    figure.missing = "Nothing happened in this run.";
    return figure;
  }
  Sheet sheet(portrait, title);
  figure.width = kWidth;
  figure.height = sheet.height();
  figure.script = sheet.script();
  const auto violated = std::count_if(portrait.events.begin(), portrait.events.end(),
                                      [](const auto& event) { return event.kind == "violated"; });
  figure.caption = fmt::format(
      "One run of {} s of virtual time: a lane for each process, time downwards with a row for each moment "
      "(not to scale; the time stands at the left). Arrows are messages, bars across all lanes are phases, "
      "faults and violations ({} of them in the run). A lane that is dotted is dead or stands still.",
      seconds(portrait.length_us), violated);
  return figure;
}

}  // namespace racebed::plots

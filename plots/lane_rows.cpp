#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plots/swim_lanes.hpp"

namespace racebed::plots {
namespace {

using evidence::Portrait;

constexpr std::size_t kRowsMax = 46;
constexpr std::size_t kRowsAfterViolation = 12;
constexpr std::size_t kRowsAfterFault = 30;  // what comes of it

bool is_rare(const LaneRow& row) {
  constexpr std::array kRare = {"violated", "fault",   "healed", "killed",
                                "paused",   "resumed", "ended",  "lease"};
  return std::find(kRare.begin(), kRare.end(), row.kind) != kRare.end();
}

/// Everything in the order of time; the same again, and violations of one moment, in one row.
std::vector<LaneRow> all_rows(const Portrait& portrait) {
  std::vector<LaneRow> rows;
  for (const auto& event : portrait.events)
    rows.push_back({event.at_us, event.lane, "", event.kind, event.text});
  for (const auto& message : portrait.messages)
    rows.push_back({message.from_us, message.from, message.to, message.kind, message.text});
  std::stable_sort(rows.begin(), rows.end(), [](const LaneRow& a, const LaneRow& b) {
    // What is found wrong at a moment stands after what happened at it.
    return std::make_pair(a.at_us, a.kind == "violated") < std::make_pair(b.at_us, b.kind == "violated");
  });
  std::vector<LaneRow> merged;
  for (LaneRow& row : rows) {
    if (!merged.empty()) {
      LaneRow& last = merged.back();
      const bool same =
          row.from == last.from && row.to == last.to && row.kind == last.kind && row.text == last.text;
      const bool same_moment = row.kind == "violated" && last.kind == "violated" && row.at_us == last.at_us;
      if (same || same_moment) {
        // Of what one moment violates, the most told stays: a duplicate says more than a count that is off.
        if (row.text.starts_with("no-") && !last.text.starts_with("no-")) last.text = row.text;
        ++last.times;
        continue;
      }
    }
    merged.push_back(std::move(row));
  }
  return merged;
}

/// The row that the run is about.
std::size_t focus_of(const std::vector<LaneRow>& rows) {
  const auto first = [&](auto holds) {
    return static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), holds) - rows.begin());
  };
  const auto of_kind = [&](const char* kind) {
    return first([&](const LaneRow& row) { return row.kind == kind; });
  };
  for (const char* invariant :
       {"no-duplicate-delivery", "no-lost-notification", "no-delivery-after-delete"}) {
    const std::size_t at =
        first([&](const LaneRow& row) { return row.kind == "violated" && row.text.starts_with(invariant); });
    if (at < rows.size()) return at;
  }
  for (const char* kind : {"violated", "killed", "paused", "fault", "created"}) {
    if (const std::size_t at = of_kind(kind); at < rows.size()) return at;
  }
  return 0;
}

}  // namespace

std::vector<LaneRow> lane_rows(const Portrait& portrait) {
  const std::vector<LaneRow> rows = all_rows(portrait);
  if (rows.size() <= kRowsMax) return rows;
  const std::size_t focus = focus_of(rows);
  std::vector<bool> shown(rows.size(), false);
  std::size_t left = kRowsMax;
  const auto show = [&](std::size_t i) {
    if (left == 0 || shown[i]) return;
    shown[i] = true;
    --left;
  };
  const std::size_t after = rows[focus].kind == "violated" ? kRowsAfterViolation : kRowsAfterFault;
  for (std::size_t i = focus; i < std::min(rows.size(), focus + after); ++i) show(i);
  // What happened seldom, and the rest of the way to the focus, from it backwards.
  for (std::size_t i = 0; i < focus && left > kRowsMax / 4; ++i) {
    if (is_rare(rows[i]) && rows[i].kind != "violated") show(i);
  }
  for (std::size_t i = focus; i-- > 0;) show(i);
  for (std::size_t i = focus; i < rows.size(); ++i) show(i);
  std::vector<LaneRow> picked;
  std::uint64_t skipped = 0;
  for (std::size_t i = 0; i <= rows.size(); ++i) {
    if (i < rows.size() && !shown[i]) {
      ++skipped;
      continue;
    }
    if (skipped > 0)
      picked.push_back({i < rows.size() ? rows[i].at_us : portrait.length_us, "world", "", "skipped",
                        fmt::format("{} moments left out", skipped)});
    skipped = 0;
    if (i < rows.size()) picked.push_back(rows[i]);
  }
  return picked;
}

}  // namespace racebed::plots

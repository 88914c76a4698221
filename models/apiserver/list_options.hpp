// What the query of a list or watch asks for, decoded and validated in the order of a real kube-apiserver
// (apimachinery ListOptions; kubernetes.md §1.13, §1.14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/apiserver/selector.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/target.hpp"

namespace racebed::models {

struct ListOptions {
  enum class Match { none, exact, not_older_than };
  Selector selector{};
  /// As sent; empty: the latest, "0": anything. `revision` is 0 for both.
  std::string resource_version{};
  std::uint64_t revision = 0;
  Match match = Match::none;
  std::int64_t limit = 0;  // 0 or less: none
  std::string continue_token{};
  bool bookmarks = false;
  std::optional<bool> initial_events{};
  std::optional<std::int64_t> timeout_seconds{};
};

/// Requires: target.type is set.
Result<ListOptions, Refusal> list_options_of(const Target& target, bool watch);

/// The selectors alone, for whatever else takes them (deletecollection).
Result<Selector, Refusal> selector_of(const Target& target);

/// A revision in the decimal form of resourceVersion; nothing if it is none.
std::optional<std::uint64_t> parse_revision(std::string_view text);
/// As Go says it: `strconv.ParseUint: parsing "abc": invalid syntax`.
std::string unparsable_revision(std::string_view text);

/// `watch` and its like: anything but absent, "0" and "false" is true (apimachinery
/// Convert_Slice_string_To_bool).
bool is_set(const Target& target, std::string_view parameter);

}  // namespace racebed::models

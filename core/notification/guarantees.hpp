// What a channel promises about one message when processes crash and answers get lost (docs/claims.md).
#pragma once

#include <optional>
#include <string_view>

namespace racebed::notification {

enum class Guarantee {
  at_least_once,  // send, then record: may send again after a crash or a lost answer, never loses
  at_most_once,   // record the intent, then send: never sends again in doubt, may lose after a crash
  probe           // record the intent; in doubt, ask the channel's history before sending again
};

/// "at-least-once" ...
std::string_view to_text(Guarantee guarantee);
std::optional<Guarantee> parse_guarantee(std::string_view text);

/// A write-ahead intent must be in the status before the send.
constexpr bool needs_intent(Guarantee guarantee) {
  return guarantee != Guarantee::at_least_once;
}

/// The default of a channel: `probe` where it can be asked, else `at-least-once`.
constexpr Guarantee default_guarantee(bool can_be_asked) {
  return can_be_asked ? Guarantee::probe : Guarantee::at_least_once;
}

}  // namespace racebed::notification

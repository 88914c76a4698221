#include "models/apiserver/list_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "models/apiserver/field_labels.hpp"

namespace racebed::models {
namespace {

using Match = ListOptions::Match;

bool present(const Target& target, std::string_view parameter) {
  return target.query.find(parameter) != target.query.end();
}

/// An optional integer parameter; false: it is no integer and `refusal` says so.
bool integer(const Target& target, std::string_view parameter, std::optional<std::int64_t>& value,
             std::string& wrong) {
  if (!present(target, parameter)) return true;
  const std::string_view text = target.parameter(parameter);
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) {
    value = parsed;
    return true;
  }
  wrong = fmt::format("strconv.ParseInt: parsing \"{}\": {}", text,
                      error == std::errc::result_out_of_range ? "value out of range" : "invalid syntax");
  return false;
}

Refusal invalid_options(std::vector<Cause> causes) {
  ResourceType options;
  options.group = "meta.k8s.io";
  options.kind = "ListOptions";
  return invalid(options, "", std::move(causes));
}

Cause forbidden(const char* field, std::string_view why) {
  return {"FieldValueForbidden", field, fmt::format("Forbidden: {}", why)};
}

Cause unsupported_match(std::string_view match, const char* supported) {
  return {"FieldValueNotSupported", "resourceVersionMatch",
          fmt::format("Unsupported value: \"{}\": supported values: {}", match, supported)};
}

constexpr const char* kMatch = "resourceVersionMatch";

std::vector<Cause> validate_list(const ListOptions& options, std::string_view match) {
  std::vector<Cause> causes;
  if (!match.empty()) {
    if (options.resource_version.empty())
      causes.push_back(
          forbidden(kMatch, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    if (!options.continue_token.empty())
      causes.push_back(forbidden(kMatch, "resourceVersionMatch is forbidden when continue is provided"));
    if (options.match == Match::none)
      causes.push_back(unsupported_match(match, "\"Exact\", \"NotOlderThan\", \"\""));
    if (options.match == Match::exact && options.resource_version == "0")
      causes.push_back(
          forbidden(kMatch, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
  }
  if (options.initial_events)
    causes.push_back(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return causes;
}

std::vector<Cause> validate_watch(const ListOptions& options, std::string_view match) {
  std::vector<Cause> causes;
  if (options.initial_events && options.match != Match::not_older_than)
    causes.push_back(
        forbidden(kMatch, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  if (match.empty()) return causes;
  if (!options.initial_events)
    causes.push_back(forbidden(
        kMatch, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  if (options.match != Match::not_older_than) causes.push_back(unsupported_match(match, "\"NotOlderThan\""));
  if (!options.continue_token.empty())
    causes.push_back(forbidden(kMatch, "resourceVersionMatch is forbidden when continue is provided"));
  return causes;
}

}  // namespace

std::optional<std::uint64_t> parse_revision(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string unparsable_revision(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool too_large = error == std::errc::result_out_of_range && end == text.data() + text.size();
  return fmt::format("strconv.ParseUint: parsing \"{}\": {}", text,
                     too_large ? "value out of range" : "invalid syntax");
}

bool is_set(const Target& target, std::string_view parameter) {
  if (!present(target, parameter)) return false;
  std::string text(target.parameter(parameter));
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text != "0" && text != "false";
}

Result<Selector, Refusal> selector_of(const Target& target) {
  auto labels = Selector::parse_labels(target.parameter("labelSelector"));
  if (!labels) return bad_request(labels.error());
  auto fields = Selector::parse_fields(target.parameter("fieldSelector"));
  if (!fields) return bad_request(fields.error());
  for (FieldRequirement& field : *fields) {
    if (!resolve_field_label(*target.type, field))
      return bad_request(unknown_field_label(*target.type, field.path));
  }
  return Selector(std::move(*labels), std::move(*fields));
}

Result<ListOptions, Refusal> list_options_of(const Target& target, bool watch) {
  ListOptions options;
  std::string wrong;
  std::optional<std::int64_t> limit;
  if (!integer(target, "limit", limit, wrong) ||
      !integer(target, "timeoutSeconds", options.timeout_seconds, wrong)) {
    return bad_request(wrong);
  }
  options.limit = limit.value_or(0);
  options.resource_version = target.parameter("resourceVersion");
  options.continue_token = target.parameter("continue");
  options.bookmarks = is_set(target, "allowWatchBookmarks");
  if (present(target, "sendInitialEvents")) options.initial_events = is_set(target, "sendInitialEvents");
  const std::string_view match = target.parameter(kMatch);
  if (match == "Exact") options.match = Match::exact;
  if (match == "NotOlderThan") options.match = Match::not_older_than;
  // Selectors are decoded with the query, what fields there are is asked after the validation.
  if (auto labels = Selector::parse_labels(target.parameter("labelSelector")); !labels)
    return bad_request(labels.error());
  if (auto fields = Selector::parse_fields(target.parameter("fieldSelector")); !fields)
    return bad_request(fields.error());
  auto causes = watch ? validate_watch(options, match) : validate_list(options, match);
  if (!causes.empty()) return invalid_options(std::move(causes));
  auto selector = selector_of(target);
  if (!selector) return selector.error();
  options.selector = std::move(*selector);
  if (!options.resource_version.empty()) {
    const auto revision = parse_revision(options.resource_version);
    const std::string why = fmt::format("Invalid value: \"{}\": {}", options.resource_version,
                                        unparsable_revision(options.resource_version));
    if (!revision && watch) {
      Refusal refusal = invalid(*target.type, "", {{"FieldValueInvalid", "resourceVersion", why}});
      refusal.kind = target.type->plural;
      return refusal;
    }
    if (!revision)  // as recorded: an untyped error
      return Refusal{.code = 500, .message = "resourceVersion: " + why, .details = false};
    options.revision = *revision;
  }
  return options;
}

}  // namespace racebed::models

#include "cli/controller_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>

#include "experiments/scenario/load.hpp"

namespace racebed::cli {
namespace {

using nlohmann::json;
using Set = std::function<std::string(ControllerConfig&, const json&)>;
using Show = std::function<std::string(const ControllerConfig&)>;

struct Key {
  std::string path;
  std::string help;
  Set set;
  Show show;
};

/// "1h30m", "15s", "500ms": Go's form, which Kubernetes uses too.
std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Duration size;
  };
  static constexpr Unit kUnits[] = {{"ms", std::chrono::milliseconds{1}},
                                    {"h", std::chrono::hours{1}},
                                    {"m", std::chrono::minutes{1}},
                                    {"s", std::chrono::seconds{1}}};
  if (text.empty()) return std::nullopt;
  Duration total{0};
  while (!text.empty()) {
    std::int32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& u) {
      return text.starts_with(u.name) && !(u.name == "m" && text.starts_with("ms"));
    });
    if (unit == std::end(kUnits)) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += count * unit->size;
  }
  return total;
}

std::string duration_text(Duration duration) {
  if (duration % std::chrono::hours{1} == Duration{0})
    return fmt::format("{}h", duration / std::chrono::hours{1});
  if (duration % std::chrono::minutes{1} == Duration{0})
    return fmt::format("{}m", duration / std::chrono::minutes{1});
  if (duration % std::chrono::seconds{1} == Duration{0})
    return fmt::format("{}s", duration / std::chrono::seconds{1});
  return fmt::format("{}ms", duration / std::chrono::milliseconds{1});
}

/// `member` gives a reference into the configuration.
template <class Member>
Key text_key(std::string path, std::string help, Member member) {
  return {std::move(path), std::move(help),
          [member](ControllerConfig& config, const json& value) -> std::string {
            if (!value.is_string()) return "a text";
            member(config) = value.get<std::string>();
            return {};
          },
          [member](const ControllerConfig& config) { return member(const_cast<ControllerConfig&>(config)); }};
}

template <class Member>
Key flag_key(std::string path, std::string help, Member member) {
  return {std::move(path), std::move(help),
          [member](ControllerConfig& config, const json& value) -> std::string {
            if (!value.is_boolean()) return "true or false";
            member(config) = value.get<bool>();
            return {};
          },
          [member](const ControllerConfig& config) {
            return std::string(member(const_cast<ControllerConfig&>(config)) ? "true" : "false");
          }};
}

template <class Member>
Key count_key(std::string path, std::string help, std::int64_t min, std::int64_t max, Member member) {
  return {std::move(path), std::move(help),
          [member, min, max](ControllerConfig& config, const json& value) -> std::string {
            if (!value.is_number_integer() || value < min || value > max)
              return fmt::format("an integer from {} to {}", min, max);
            auto& target = member(config);
            target = static_cast<std::remove_reference_t<decltype(target)>>(value.get<std::int64_t>());
            return {};
          },
          [member](const ControllerConfig& config) {
            return fmt::format("{}", member(const_cast<ControllerConfig&>(config)));
          }};
}

template <class Member>
Key time_key(std::string path, std::string help, Member member) {
  return {std::move(path), std::move(help),
          [member](ControllerConfig& config, const json& value) -> std::string {
            const auto duration = value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
            if (!duration || *duration == Duration{0})
              return "a duration above 0, such as 15s, 1m30s or 500ms";
            member(config) = *duration;
            return {};
          },
          [member](const ControllerConfig& config) {
            return duration_text(member(const_cast<ControllerConfig&>(config)));
          }};
}

Key guarantee_key(const std::string& channel) {
  return {"delivery.guarantee." + channel, "at-least-once, at-most-once or probe",
          [channel](ControllerConfig& config, const json& value) -> std::string {
            const auto guarantee =
                value.is_string() ? notification::parse_guarantee(value.get<std::string>()) : std::nullopt;
            if (!guarantee) return "at-least-once, at-most-once or probe";
            config.controller.delivery.guarantee[channel] = *guarantee;
            return {};
          },
          [](const ControllerConfig&) { return std::string("what the channel can do"); }};
}

Key tls_key() {
  return {"delivery.tls", "a certificate failure: fail-fast gives up, retry tries again",
          [](ControllerConfig& config, const json& value) -> std::string {
            if (value != "fail-fast" && value != "retry") return "fail-fast or retry";
            config.controller.delivery.tls =
                value == "retry" ? notification::TlsPolicy::retry : notification::TlsPolicy::fail_fast;
            return {};
          },
          [](const ControllerConfig&) { return std::string("fail-fast"); }};
}

Key log_level_key() {
  return {"log.level", "debug, info, warning, error or off",
          [](ControllerConfig& config, const json& value) -> std::string {
            static constexpr const char* kNames[] = {"debug", "info", "warning", "error", "off"};
            for (std::size_t i = 0; i < std::size(kNames); ++i) {
              if (value != kNames[i]) continue;
              config.log_level = static_cast<obs::Level>(i);
              return {};
            }
            return "debug, info, warning, error or off";
          },
          [](const ControllerConfig&) { return std::string("info"); }};
}

Key log_format_key() {
  return {"log.format", "text or json",
          [](ControllerConfig& config, const json& value) -> std::string {
            if (value != "text" && value != "json") return "text or json";
            config.log_json = value == "json";
            return {};
          },
          [](const ControllerConfig&) { return std::string("text"); }};
}

#define RACEBED_MEMBER(member) [](ControllerConfig& c) -> auto& { return c.member; }

void add_general(std::vector<Key>& keys) {
  keys.push_back(text_key("namespace", "the namespace to watch; empty: all",
                          RACEBED_MEMBER(controller.watch_namespace)));
  keys.push_back(count_key("workers", "reconciles at a time", 1, 1000, RACEBED_MEMBER(controller.workers)));
  keys.push_back(
      time_key("gracePeriod", "after SIGTERM, for work under way", RACEBED_MEMBER(controller.grace_period)));
  keys.push_back(
      time_key("apiTimeout", "of one status write or uncached read", RACEBED_MEMBER(controller.api_timeout)));
  keys.push_back(flag_key("informer.streaming", "first state over the watch, if the server can",
                          RACEBED_MEMBER(controller.informer.reflector.streaming)));
  keys.push_back(flag_key("kubernetesEvents", "write Events", RACEBED_MEMBER(controller.kubernetes_events)));
  keys.push_back(count_key("rememberedMax", "objects whose memory is kept", 1, 100'000'000,
                           RACEBED_MEMBER(controller.remembered_max)));
  keys.push_back(count_key("audit.owedMax", "audit records that wait for their sink", 1, 100'000'000,
                           RACEBED_MEMBER(controller.audit_owed_max)));
  keys.push_back(text_key("http.address", "of /metrics, /healthz, /readyz", RACEBED_MEMBER(http_address)));
  keys.push_back(count_key("http.port", "of these; 0: a free one", 0, 65535, RACEBED_MEMBER(http_port)));
  keys.push_back(log_level_key());
  keys.push_back(log_format_key());
  keys.push_back(
      text_key("audit.file", "audit records, a line of JSON each; empty: none", RACEBED_MEMBER(audit_file)));
}

void add_election(std::vector<Key>& keys) {
  keys.push_back(flag_key("election.enabled", "elect a leader", RACEBED_MEMBER(controller.election.enabled)));
  keys.push_back(text_key("election.namespace", "of the lease", RACEBED_MEMBER(controller.election.ns)));
  keys.push_back(text_key("election.lease", "its name", RACEBED_MEMBER(controller.election.lease)));
  keys.push_back(text_key("election.identity", "of this process; empty: host name and a random part",
                          RACEBED_MEMBER(controller.election.identity)));
  keys.push_back(time_key("election.leaseDuration", "others wait so long",
                          RACEBED_MEMBER(controller.election.lease_duration)));
  keys.push_back(time_key("election.renewDeadline", "the leader gives up after",
                          RACEBED_MEMBER(controller.election.renew_deadline)));
  keys.push_back(
      time_key("election.retryPeriod", "between tries", RACEBED_MEMBER(controller.election.retry_period)));
}

void add_delivery(std::vector<Key>& keys) {
  for (const char* channel : {"slack", "file", "console", "log"}) keys.push_back(guarantee_key(channel));
  keys.push_back(tls_key());
  keys.push_back(time_key("delivery.deadline", "from creation; then nothing more is tried",
                          RACEBED_MEMBER(controller.delivery.deadline)));
  keys.push_back(time_key("delivery.retryAfterMax", "longer wishes of an endpoint are cut to this",
                          RACEBED_MEMBER(controller.delivery.retry_after_max)));
  keys.push_back(time_key("delivery.intentFresh", "a send starts so soon after its intent was recorded",
                          RACEBED_MEMBER(controller.delivery.intent_fresh)));
  keys.push_back(time_key("delivery.leadershipMin", "leadership that must remain before a send",
                          RACEBED_MEMBER(controller.delivery.leadership_min)));
  keys.push_back(time_key("delivery.probeRetryInitial", "the history could not be asked; doubles",
                          RACEBED_MEMBER(controller.delivery.probe_retry_initial)));
  keys.push_back(
      time_key("delivery.probeRetryMax", "up to this", RACEBED_MEMBER(controller.delivery.probe_retry_max)));
  keys.push_back(text_key("delivery.fileDirectory", "of the file channel; empty: off",
                          RACEBED_MEMBER(controller.delivery.file_directory)));
  keys.push_back(
      time_key("delivery.fileTimeout", "of one write", RACEBED_MEMBER(controller.delivery.file_timeout)));
  keys.push_back(count_key("breaker.consecutiveFailures", "open after so many in a row", 1, 1000,
                           RACEBED_MEMBER(controller.breaker.consecutive_failures)));
  keys.push_back(count_key("breaker.window", "or when of so many results", 1, 10000,
                           RACEBED_MEMBER(controller.breaker.window)));
  keys.push_back(count_key("breaker.failuresInWindow", "so many failed", 1, 10000,
                           RACEBED_MEMBER(controller.breaker.failures_in_window)));
  keys.push_back(
      time_key("breaker.openInitial", "open for; doubles", RACEBED_MEMBER(controller.breaker.open_initial)));
  keys.push_back(time_key("breaker.openMax", "up to this", RACEBED_MEMBER(controller.breaker.open_max)));
  keys.push_back(count_key("breaker.successesToClose", "then closed", 1, 1000,
                           RACEBED_MEMBER(controller.breaker.successes_to_close)));
}

void add_slack(std::vector<Key>& keys) {
  keys.push_back(text_key("slack.webhookUrlFile",
                          "file with the incoming webhook's URL; or:", RACEBED_MEMBER(slack_webhook_file)));
  keys.push_back(
      text_key("slack.tokenFile", "file with the Web API's token", RACEBED_MEMBER(slack_token_file)));
  keys.push_back(
      text_key("slack.channel", "Web API: id of the channel", RACEBED_MEMBER(controller.slack.channel)));
  keys.push_back(text_key("slack.apiUrl", "Web API: its base", RACEBED_MEMBER(controller.slack.api_url)));
  keys.push_back(text_key("slack.caFile", "authorities that Slack's certificate may come from",
                          RACEBED_MEMBER(slack_ca_file)));
  keys.push_back(text_key("slack.revocationsFile",
                          "what they have revoked, each a list (CRL); empty: not checked",
                          RACEBED_MEMBER(slack_revocations_file)));
  keys.push_back(
      time_key("slack.resolveTimeout", "of the name", RACEBED_MEMBER(controller.slack.http.resolve_timeout)));
  keys.push_back(time_key("slack.connectTimeout", "of the connection",
                          RACEBED_MEMBER(controller.slack.http.connect_timeout)));
  keys.push_back(
      time_key("slack.tlsTimeout", "of the handshake", RACEBED_MEMBER(controller.slack.http.tls_timeout)));
  keys.push_back(time_key("slack.firstByteTimeout", "of the answer's beginning",
                          RACEBED_MEMBER(controller.slack.http.first_byte_timeout)));
  keys.push_back(
      time_key("slack.totalTimeout", "of the whole", RACEBED_MEMBER(controller.slack.http.total_timeout)));
  keys.push_back(count_key("slack.connectionsMax", "connections at a time", 1, 1000,
                           RACEBED_MEMBER(controller.slack.http.connections_max)));
}

#undef RACEBED_MEMBER

const std::vector<Key>& keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> made;
    add_general(made);
    add_election(made);
    add_delivery(made);
    add_slack(made);
    return made;
  }();
  return all;
}

void apply_part(ControllerConfig& config, const std::string& where, const json& part,
                const std::string& prefix) {
  for (const auto& [name, value] : part.items()) {
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    const bool inner =
        std::ranges::any_of(keys(), [&](const Key& key) { return key.path.starts_with(path + "."); });
    if (inner && value.is_object()) {
      apply_part(config, where, value, path);
      continue;
    }
    const std::string expected = inner ? "a mapping" : set_key(config, path, value);
    if (!expected.empty())
      throw experiments::InputError(
          fmt::format("{}: {}: found {}, expected {}", where, path, value.dump(), expected));
  }
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  const ControllerConfig standard;
  std::vector<ConfigKey> shown;
  for (const Key& key : keys()) shown.push_back({key.path, key.show(standard), key.help});
  return shown;
}

std::string set_key(ControllerConfig& config, const std::string& path, const json& value) {
  const auto key = std::ranges::find(keys(), path, &Key::path);
  if (key != keys().end()) return key->set(config, value);
  // The keys beside it: of the same section, or, at the top, the sections themselves.
  std::string known;
  const std::size_t dot = path.rfind('.');
  const std::string section = dot == std::string::npos ? "" : path.substr(0, dot + 1);
  for (const Key& candidate : keys()) {
    if (!candidate.path.starts_with(section)) continue;
    const std::string name = candidate.path.substr(0, candidate.path.find('.', section.size()));
    if (!known.ends_with(name)) known += (known.empty() ? "" : ", ") + name;
  }
  return "one of " + known + " instead of that key";
}

void apply_document(ControllerConfig& config, const std::string& where, const json& document) {
  if (document.is_null()) return;  // an empty file
  if (!document.is_object())
    throw experiments::InputError(where + ": found no mapping, expected keys and values");
  apply_part(config, where, document, "");
}

}  // namespace racebed::cli

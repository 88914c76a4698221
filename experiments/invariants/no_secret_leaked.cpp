#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/secrets.hpp"
#include "models/slack/workspace.hpp"

namespace racebed::experiments {
namespace {

struct Secret {
  std::string value;
  std::string what;   // "the webhook's path"
  std::string token;  // of the notification that it came with; empty: the controller's own
};

/// The dangerous moment: a controller writes something down that could hold a secret: about a notification
/// whose text has one, or about a send that failed.
class NoSecretLeaked final : public Invariant {
 public:
  explicit NoSecretLeaked(const Evidence& evidence, Duration within) : Invariant(evidence, within) {
    const models::WorkspaceOptions slack;
    secrets_.push_back(
        {slack.webhook_path.substr(slack.webhook_path.rfind('/') + 1), "the webhook's path", ""});
    secrets_.push_back({slack.token, "Slack's token", ""});
  }

  void on_fact(const models::Fact& fact) override {
    time_ = fact.time;
    fact_ = fact.number;
    if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      if (delivered->content) search(*delivered->content, "the message to " + delivered->channel);
    } else if (const auto* claim = std::get_if<models::Claimed>(&fact.what)) {
      search_in(*claim->content, claim->kind == "metrics" ? "the metrics page" : "an audit record");
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->after) committed(fact, *commit);
    }
  }

  void on_log(std::string_view process, std::string_view line) override {
    if (is_controller(std::string(process))) search(line, fmt::format("the log of {}", process));
  }

 private:
  void committed(const models::Fact& fact, const models::Committed& commit) {
    if (commit.object.resource == kNotifications) {
      if (commit.operation == models::Committed::Operation::create) take_in(commit);
      const auto status = commit.after->find("status");
      if (status != commit.after->end() && is_controller(fact.actor.process))
        search_in(*status, "the status");
      return;
    }
    if (is_controller(fact.actor.process)) search_in(*commit.after, "an object of " + commit.object.resource);
  }

  /// What the texts of a notification hold.
  void take_in(const models::Committed& commit) {
    const auto spec = commit.after->find("spec");
    if (spec == commit.after->end()) return;
    const Incarnation* incarnation = history().by_uid(commit.object.uid);
    for (const std::string& value : secrets_in(*spec)) {
      const auto known = std::find_if(secrets_.begin(), secrets_.end(),
                                      [&](const Secret& secret) { return secret.value == value; });
      if (known == secrets_.end())
        secrets_.push_back({value, "a secret of its text", incarnation != nullptr ? incarnation->token : ""});
    }
  }

  void search_in(const models::Json& json, const std::string& where) {
    if (json.is_string()) {
      search(std::string_view(json.get_ref<const std::string&>()), where);
    } else if (json.is_object()) {
      for (const auto& [key, value] : json.get_ref<const models::Json::object_t&>()) {
        search(std::string_view(key), where);
        search_in(value, where);
      }
    } else if (json.is_array()) {
      for (const models::Json& value : json) search_in(value, where);
    }
  }

  void search(std::string_view text, const std::string& where) {
    if (text.size() < kShortest) return;
    reach();
    for (const Secret& secret : secrets_) {
      if (text.find(secret.value) == std::string_view::npos) continue;
      if (!told_.insert(secret.value + where).second) continue;
      Violation violation;
      violation.what = fmt::format("{} shows {}", where, secret.what);
      violation.time = time_;
      violation.token = secret.token;
      if (const Incarnation* incarnation = history().by_token(secret.token)) violation.uid = incarnation->uid;
      violation.facts = {fact_};
      violate(std::move(violation));
    }
  }

  static constexpr std::size_t kShortest = 6;
  std::vector<Secret> secrets_;
  std::set<std::string> told_;
  Time time_;
  std::uint64_t fact_ = 0;
};

}  // namespace

const InvariantInfo kNoSecretLeaked = {
    "no-secret-leaked", "No secret shows: not the webhook's or the token, and none of a notification's text.",
    "statuses, Events, audit records, log lines, metrics, messages", Duration{0},
    make_invariant<NoSecretLeaked>};

}  // namespace racebed::experiments

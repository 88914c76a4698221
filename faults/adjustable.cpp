#include "faults/adjustable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace racebed::faults {
namespace {

using models::Json;

constexpr std::int64_t kMillisecondsMax = 3'600'000;
constexpr std::int64_t kCountMax = 1'000'000'000;

/// What is wrong with the document.
struct Wrong {
  std::string line;
};

[[noreturn]] void expected(const std::string& where, const Json& found, std::string_view what) {
  throw Wrong{fmt::format("{}: found {}, expected {}", where,
                          found.dump(-1, ' ', false, Json::error_handler_t::replace), what)};
}

/// One object of the document; remembers which members were asked for, so that an unknown one is noticed.
class Part {
 public:
  Part(const Json& document, std::string name) : name_(std::move(name)) {
    static const Json kNone = Json::object();
    const auto found = document.find(name_);
    object_ = found == document.end() ? &kNone : &*found;
    if (!object_->is_object()) expected(name_, *object_, "an object");
  }

  std::int64_t integer(const char* member, std::int64_t min, std::int64_t max, std::int64_t otherwise) {
    const Json* value = ask(member);
    if (value == nullptr) return otherwise;
    if (!value->is_number_integer() || *value < min || *value > max)
      expected(at(member), *value, fmt::format("an integer from {} to {}", min, max));
    return value->get<std::int64_t>();
  }

  /// The index of the member's word among `words`; 0 when absent.
  template <class Words>
  std::size_t one_of(const char* member, const Words& words) {
    const Json* value = ask(member);
    if (value == nullptr) return 0;
    std::string known;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (*value == std::string(words[i])) return i;
      known += fmt::format("{}{}", i == 0 ? "" : ", ", words[i]);
    }
    expected(at(member), *value, "one of " + known);
  }

  std::vector<std::string> texts(const char* member) {
    const Json* value = ask(member);
    std::vector<std::string> all;
    if (value == nullptr) return all;
    if (!value->is_array()) expected(at(member), *value, "a list of strings");
    for (const Json& text : *value) {
      if (!text.is_string()) expected(at(member), text, "a string");
      all.push_back(text.get<std::string>());
    }
    return all;
  }

  void nothing_else() const {
    for (const auto& [member, value] : object_->items()) {
      if (std::ranges::find(asked_, member) == asked_.end()) {
        std::string known;
        for (const std::string& name : asked_) known += (known.empty() ? "" : ", ") + name;
        throw Wrong{fmt::format("{}: unknown, expected one of {}", at(member), known)};
      }
    }
  }

 private:
  std::string at(std::string_view member) const { return fmt::format("{}.{}", name_, member); }
  const Json* ask(const char* member) {
    asked_.emplace_back(member);
    const auto found = object_->find(member);
    return found == object_->end() ? nullptr : &*found;
  }
  std::string name_;
  const Json* object_ = nullptr;
  std::vector<std::string> asked_;
};

/// How often a fault may still act.
struct Budget {
  std::optional<std::int64_t> left{};
  bool take() {
    if (!left) return true;
    return *left > 0 && (*left)-- > 0;
  }
};

Budget budget_of(Part& part) {
  const std::int64_t count = part.integer("count", 0, kCountMax, -1);
  return count < 0 ? Budget{} : Budget{count};
}

std::optional<Duration> seconds_of(Part& part, const char* member) {
  const std::int64_t seconds = part.integer(member, 0, 3600, -1);
  if (seconds < 0) return std::nullopt;
  return std::chrono::seconds{seconds};
}

class AdjustableSlack final : public models::SlackPolicy {
 public:
  explicit AdjustableSlack(Part part) {
    std::array<std::string_view, models::kChainKinds.size()> kinds;
    std::ranges::transform(models::kChainKinds, kinds.begin(),
                           [](models::ChainKind kind) { return to_text(kind); });
    chain_ = models::kChainKinds[part.one_of("certificate", kinds)];
    static constexpr std::array<std::string_view, 4> kOutcomes{"answer", "refuse", "accept-then-lose",
                                                               "drop"};
    verdict_.outcome = static_cast<models::SlackVerdict::Outcome>(part.one_of("outcome", kOutcomes));
    verdict_.status = static_cast<int>(part.integer("status", 400, 599, 503));
    verdict_.retry_after = seconds_of(part, "retryAfterSeconds");
    static constexpr std::array<std::string_view, 4> kBodies{"whole", "malformed", "cut", "stalled"};
    verdict_.body = static_cast<models::SlackVerdict::Body>(part.one_of("body", kBodies));
    verdict_.before_acceptance = std::chrono::milliseconds{part.integer("delayMs", 0, kMillisecondsMax, 0)};
    budget_ = budget_of(part);
    part.nothing_else();
  }
  models::ChainKind chain(std::uint64_t) override { return chain_; }
  models::SlackVerdict post(std::uint64_t) override {
    return budget_.take() ? verdict_ : models::SlackVerdict{};
  }

 private:
  models::ChainKind chain_ = models::ChainKind::good;
  models::SlackVerdict verdict_;
  Budget budget_;
};

class AdjustableApi final : public models::FrontEndPolicy {
 public:
  explicit AdjustableApi(Part part) {
    static constexpr std::array<std::string_view, 4> kOutcomes{"serve", "refuse", "commit-then-lose",
                                                               "lose-before-commit"};
    verdict_.outcome = static_cast<models::RequestVerdict::Outcome>(part.one_of("outcome", kOutcomes));
    verdict_.status = static_cast<int>(part.integer("status", 400, 599, 500));
    verdict_.retry_after = seconds_of(part, "retryAfterSeconds").value_or(Duration{0});
    verdict_.delay = std::chrono::milliseconds{part.integer("delayMs", 0, kMillisecondsMax, 0)};
    lag_ = std::chrono::milliseconds{part.integer("watchLagMs", 0, kMillisecondsMax, 0)};
    methods_ = part.texts("methods");
    resources_ = part.texts("resources");
    budget_ = budget_of(part);
    part.nothing_else();
  }
  models::RequestVerdict request(const models::ApiHttpRequest& request) override {
    if (!concerns(request) || !budget_.take()) return {};
    return verdict_;
  }
  Duration cache_lag(const models::Change&) override { return lag_; }

 private:
  bool concerns(const models::ApiHttpRequest& request) const {
    const bool method = methods_.empty() || std::ranges::find(methods_, request.method) != methods_.end();
    if (!method || resources_.empty()) return method;
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    return std::ranges::any_of(resources_, [&](const std::string& resource) {
      const std::size_t found = path.find("/" + resource);
      if (found == std::string_view::npos) return false;
      const std::size_t end = found + 1 + resource.size();
      return end == path.size() || path[end] == '/';
    });
  }
  models::RequestVerdict verdict_;
  Duration lag_{0};
  std::vector<std::string> methods_;
  std::vector<std::string> resources_;
  Budget budget_;
};

/// Asks whichever policy is set now.
class CurrentSlack final : public models::SlackPolicy {
 public:
  std::unique_ptr<AdjustableSlack> now;
  models::ChainKind chain(std::uint64_t connection) override { return now->chain(connection); }
  models::SlackVerdict post(std::uint64_t connection) override { return now->post(connection); }
};

class CurrentApi final : public models::FrontEndPolicy {
 public:
  std::unique_ptr<AdjustableApi> now;
  models::RequestVerdict request(const models::ApiHttpRequest& request) override {
    return now->request(request);
  }
  Duration cache_lag(const models::Change& change) override { return now->cache_lag(change); }
};

}  // namespace

struct AdjustableFaults::State {
  Json document = Json::object();
  CurrentSlack slack;
  CurrentApi api;
};

AdjustableFaults::AdjustableFaults() : state_(std::make_unique<State>()) {
  set(Json::object());
}
AdjustableFaults::~AdjustableFaults() = default;

std::string AdjustableFaults::set(const Json& document) {
  try {
    if (!document.is_object()) expected("faults", document, "an object with the members slack and api");
    for (const auto& [member, value] : document.items()) {
      if (member != "slack" && member != "api") throw Wrong{member + ": unknown, expected one of slack, api"};
    }
    auto slack = std::make_unique<AdjustableSlack>(Part(document, "slack"));
    auto api = std::make_unique<AdjustableApi>(Part(document, "api"));
    state_->slack.now = std::move(slack);
    state_->api.now = std::move(api);
    state_->document = document;
    return {};
  } catch (const Wrong& wrong) {
    return wrong.line;
  }
}

Json AdjustableFaults::current() const {
  return state_->document;
}

models::SlackPolicy& AdjustableFaults::slack() {
  return state_->slack;
}

models::FrontEndPolicy& AdjustableFaults::api() {
  return state_->api;
}

}  // namespace racebed::faults

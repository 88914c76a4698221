#include "models/users/workload.hpp"
#include "models/sinks/token.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "models/apiserver/store.hpp"
#include "models/sinks/token.hpp"
#include "runtime/event.hpp"

namespace racebed::models {
namespace {

constexpr std::string_view kResource = "notificationrequests";
constexpr const char* kFinalizer = "racebed.example/hold";

bool is_terminal(std::string_view phase) {
  return phase == "Sent" || phase == "PartiallySent" || phase == "Failed";
}

std::string text_at(const Json& object, const char* part, const char* field) {
  const auto outer = object.find(part);
  if (outer == object.end() || !outer->is_object()) return {};
  const auto inner = outer->find(field);
  return inner != outer->end() && inner->is_string() ? inner->get<std::string>() : std::string();
}

bool is_transient(int status) {
  return status == 429 || status >= 500;
}

}  // namespace

/// Follows the ledger. Kept by the ledger's subscription too, so it may outlive the workload.
struct Workload::Progress {
  explicit Progress(Clock& clock) : changed(clock) {}

  void see(const Fact& fact) {
    if (const auto* delivered = std::get_if<Delivered>(&fact.what)) {
      if (!delivered->token.empty()) reached(delivering, delivered->token);
      return;
    }
    const auto* committed = std::get_if<Committed>(&fact.what);
    if (committed == nullptr || committed->object.resource != kResource || !committed->after) return;
    const std::string phase = text_at(*committed->after, "status", "phase");
    if (phase != "Sending" && !is_terminal(phase)) return;
    const std::string token = token_in(text_at(*committed->after, "spec", "subject"));
    if (token.empty()) return;
    reached(phase == "Sending" ? delivering : terminal, token);
  }
  void reached(std::set<std::string>& tokens, const std::string& token) {
    if (tokens.insert(token).second && token == awaited) changed.notify_all();
  }
  bool has(Moment moment, const std::string& token) const {
    switch (moment) {
      case Moment::before_delivery:
        return true;
      case Moment::during_delivery:
        return delivering.contains(token) || terminal.contains(token);
      case Moment::after_delivery:
        return terminal.contains(token);
    }
    return true;
  }

  Event changed;
  std::string awaited;  // the token that the user waits for; empty: none
  std::set<std::string> delivering;
  std::set<std::string> terminal;
};

Workload::Workload(Runtime& runtime, UserApi& api, Ledger& ledger, Plan plan, WorkloadOptions options)
    : runtime_(runtime),
      api_(api),
      ledger_(ledger),
      plan_(std::move(plan)),
      options_(std::move(options)),
      progress_(std::make_shared<Progress>(runtime.clock)) {
  for (const KnownIncarnation& known : plan_.known) current_[known.name] = {known.token, known.uid};
  if (!plan_.spec) plan_.spec = std::make_shared<const Json>(notification_spec());
  ledger_.subscribe([weak = std::weak_ptr<Progress>(progress_)](const Fact& fact) {
    if (const auto progress = weak.lock()) progress->see(fact);
  });
}

Workload::~Workload() = default;

asio::awaitable<void> Workload::run() {
  co_await make_namespace();
  for (const PlanStep& step : plan_.steps) {
    if (!gave_up_.empty()) break;
    if (const auto* create_step = std::get_if<CreateStep>(&step)) {
      co_await create(*create_step);
    } else if (const auto* delete_step = std::get_if<DeleteStep>(&step)) {
      co_await remove(*delete_step);
    } else if (const auto* await_step = std::get_if<AwaitStep>(&step)) {
      co_await await_moment(*await_step);
    } else if (const auto* pause_step = std::get_if<PauseStep>(&step)) {
      co_await pause(pause_step->base, pause_step->spread);
    }
  }
  finished_ = true;
}

std::string Workload::collection() const {
  return fmt::format("/apis/notification.kubernaut.ai/v1alpha1/namespaces/{}/{}", plan_.ns, kResource);
}

ApiHttpRequest Workload::request(std::string method, std::string target, JsonPtr body) const {
  ApiHttpRequest made{.method = std::move(method), .target = std::move(target), .client = options_.user};
  if (body) made.content_type = "application/json";
  made.body = std::move(body);
  return made;
}

asio::awaitable<bool> Workload::before_retry(int& tries, Duration wait, std::string what) {
  if (++tries >= options_.tries_max) {
    gave_up_ = std::move(what);
    co_return false;
  }
  co_await runtime_.clock.sleep_for(wait);
  co_return true;
}

asio::awaitable<void> Workload::pause(Duration base, Duration spread) {
  // Microseconds are fine enough, and keep the recorded choices small.
  constexpr Duration kGrain = std::chrono::microseconds{1};
  Duration wait = base;
  if (spread >= kGrain) {
    wait += kGrain * static_cast<std::int64_t>(
                         runtime_.random.below(static_cast<std::uint64_t>(spread / kGrain), "user-pause"));
  }
  if (wait > Duration{0}) co_await runtime_.clock.sleep_for(wait);
}

asio::awaitable<void> Workload::await_moment(AwaitStep step) {
  if (step.among.empty()) co_return;
  const Moment moment = step.among[runtime_.random.below(step.among.size(), "user-moment")];
  const Instant until = runtime_.clock.steady_now() + step.timeout;
  progress_->awaited = step.token;
  while (!progress_->has(moment, step.token)) {
    const bool notified = co_await progress_->changed.wait_until(until);
    if (!notified) break;
  }
  progress_->awaited.clear();
  co_await pause(Duration{0}, step.spread);
}

asio::awaitable<void> Workload::make_namespace() {
  const auto body = std::make_shared<const Json>(
      Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", plan_.ns}}}});
  for (int tries = 0;;) {
    ApiHttpRequest post = request("POST", "/api/v1/namespaces", body);
    const auto response = co_await api_.call(std::move(post));
    if (response && !is_transient(response->status)) co_return;  // made, or there already
    const bool again = co_await before_retry(tries, options_.retry_after, "create namespace " + plan_.ns);
    if (!again) co_return;
  }
}

void Workload::created(const CreateStep& step, const Json& object) {
  const std::string& uid = metadata_text(object, "uid");
  current_[step.name] = {step.token, uid};
  ledger_.record(options_.user, UserCreated{{std::string(kResource), plan_.ns, step.name, uid}, step.token});
}

// A create whose answer was lost may have been carried out: the repetition then finds the name taken, and the
// token in the subject tells whether by this very incarnation.
asio::awaitable<void> Workload::create(CreateStep step) {
  Json object{{"apiVersion", "notification.kubernaut.ai/v1alpha1"},
              {"kind", "NotificationRequest"},
              {"metadata", {{"name", step.name}}},
              {"spec", step.spec ? *step.spec : *plan_.spec}};
  if (plan_.finalizer_hold > Duration{0}) object["metadata"]["finalizers"] = Json::array({kFinalizer});
  object["spec"]["subject"] = subject_with_token(object["spec"].value("subject", "Disk full"), step.token);
  const auto body = std::make_shared<const Json>(std::move(object));
  for (int tries = 0;;) {
    ApiHttpRequest post = request("POST", collection(), body);
    const auto response = co_await api_.call(std::move(post));
    Duration wait = options_.retry_after;
    if (response && response->status == 201) {
      created(step, *response->body);
      co_return;
    }
    if (response && response->status == 409) {
      ApiHttpRequest get = request("GET", collection() + "/" + step.name);
      const auto found = co_await api_.call(std::move(get));
      if (found && found->status == 200 && found->body &&
          token_in(text_at(*found->body, "spec", "subject")) == step.token) {
        created(step, *found->body);
        co_return;
      }
      wait = options_.poll;  // an earlier incarnation is still going
    } else if (response && !is_transient(response->status)) {
      gave_up_ = fmt::format("create {}: {}", step.name, response->status);
      co_return;
    } else if (response && response->retry_after) {
      wait = std::max(wait, *response->retry_after);
    }
    const bool again = co_await before_retry(tries, wait, "create " + step.name);
    if (!again) co_return;
  }
}

/// Takes the finalizer away after its time, as the controller that had put it there would.
asio::awaitable<void> Workload::release(std::string name) {
  co_await runtime_.clock.sleep_for(plan_.finalizer_hold);
  const auto body = std::make_shared<const Json>(Json{{"metadata", {{"finalizers", nullptr}}}});
  ApiHttpRequest patch = request("PATCH", collection() + "/" + name, body);
  patch.content_type = "application/merge-patch+json";
  (void)co_await api_.call(std::move(patch));  // if it failed, the next look tries again
}

// The uid as precondition: a repetition after a lost answer can only hit the incarnation that was meant.
asio::awaitable<void> Workload::remove(DeleteStep step) {
  const auto found = current_.find(step.name);
  if (found == current_.end()) co_return;
  const Incarnation target = found->second;
  const auto body = std::make_shared<const Json>(
      Json{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", {{"uid", target.uid}}}});
  for (int tries = 0;;) {
    ApiHttpRequest del = request("DELETE", collection() + "/" + step.name, body);
    const auto response = co_await api_.call(std::move(del));
    // 409: another incarnation has the name already, so this one is gone.
    const bool gone =
        response &&
        (response->status == 404 || response->status == 409 ||
         (response->status == 200 && response->body && response->body->value("kind", "") == "Status"));
    if (gone) break;
    Duration wait = options_.retry_after;
    if (response && response->status == 200) {
      wait = options_.poll;  // held by finalizers
      if (plan_.finalizer_hold > Duration{0}) co_await release(step.name);
    }
    if (response && response->retry_after) wait = std::max(wait, *response->retry_after);
    const bool again = co_await before_retry(tries, wait, "delete " + step.name);
    if (!again) co_return;
  }
  current_.erase(step.name);
  ledger_.record(options_.user,
                 UserDeleted{{std::string(kResource), plan_.ns, step.name, target.uid}, target.token});
}

}  // namespace racebed::models

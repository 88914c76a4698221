#include "models/controllers/namespace_controller.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <deque>
#include <set>

#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::models {
namespace {

const ApiResource kNamespaces{"", "v1", "namespaces", "Namespace", false};

/// How one look at a namespace ended.
enum class Emptied { done, remains, failed };

bool is_terminating(const Json& object) {
  return !metadata_of(object, "deletionTimestamp").empty();
}

bool any_items(const ApiHttpResponse& list) {
  if (list.items) return !list.items->objects.empty();
  const auto items = list.body->find("items");
  return items != list.body->end() && !items->empty();
}

}  // namespace

struct NamespaceController::State {
  State(Runtime& r, ControllerApi& api, NamespaceControllerOptions o)
      : runtime(r),
        client(api, o.actor),
        options(std::move(o)),
        mirror(
            r, client, kNamespaces,
            [this](const ApiResource&, const JsonPtr&, const JsonPtr& after) {
              if (after && is_terminating(*after)) add(metadata_of(*after, "name"));
            },
            options.mirror),
        changed(r.clock),
        again(r) {}

  Runtime& runtime;
  ControllerClient client;
  const NamespaceControllerOptions options;
  Mirror mirror;
  std::deque<std::string> queue;
  std::set<std::string> queued;
  std::set<std::string> waiting;  // to be looked at again
  Event changed;
  TaskGroup again;

  void add(const std::string& name);
  asio::awaitable<void> work_for_ever();
  asio::awaitable<void> come_back(std::string name, Duration after);
  asio::awaitable<Emptied> sync(std::string name);
  asio::awaitable<Emptied> empty_of(std::string name, ApiResource resource);
  asio::awaitable<Emptied> finalize(JsonPtr object);
};

NamespaceController::NamespaceController(Runtime& runtime, ControllerApi& api,
                                         NamespaceControllerOptions options)
    : state_(std::make_unique<State>(runtime, api, std::move(options))) {}

NamespaceController::~NamespaceController() = default;

asio::awaitable<void> NamespaceController::run() {
  using namespace asio::experimental::awaitable_operators;
  std::exception_ptr failure;
  try {
    co_await (state_->mirror.run() && state_->work_for_ever());
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  state_->again.cancel();
  co_await state_->again.join();
  if (failure) std::rethrow_exception(failure);
}

void NamespaceController::State::add(const std::string& name) {
  if (queued.insert(name).second) queue.push_back(name);
  changed.notify_all();
}

asio::awaitable<void> NamespaceController::State::work_for_ever() {
  for (;;) {
    while (queue.empty()) co_await changed.wait();
    const std::string name = std::move(queue.front());
    queue.pop_front();
    queued.erase(name);
    const Emptied outcome = co_await sync(name);
    if (outcome == Emptied::done || !waiting.insert(name).second) continue;
    const Duration after = outcome == Emptied::remains ? options.look_again : options.retry_after;
    again.spawn("namespace controller's retry", come_back(name, after));
  }
}

asio::awaitable<void> NamespaceController::State::come_back(std::string name, Duration after) {
  co_await runtime.clock.sleep_for(after);
  waiting.erase(name);
  add(name);
}

asio::awaitable<Emptied> NamespaceController::State::sync(std::string name) {
  std::string path = kNamespaces.path("", name);
  ApiHttpResponse live = co_await client.send("GET", std::move(path));
  if (live.status == 404) co_return Emptied::done;
  if (live.status != 200 || !live.body) co_return Emptied::failed;
  if (!is_terminating(*live.body)) co_return Emptied::done;
  auto resources = co_await client.discover();
  if (!resources) co_return Emptied::failed;
  Emptied outcome = Emptied::done;
  for (const ApiResource& resource : *resources) {
    if (!resource.namespaced) continue;
    const Emptied of_kind = co_await empty_of(name, resource);
    outcome = std::max(outcome, of_kind);  // the worst of all
  }
  if (outcome == Emptied::done) outcome = co_await finalize(live.body);
  co_return outcome;
}

asio::awaitable<Emptied> NamespaceController::State::empty_of(std::string name, ApiResource resource) {
  auto body = std::make_shared<const Json>(
      Json{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Background"}});
  const std::string path = resource.path(name);
  ApiHttpResponse removed = co_await client.send("DELETE", path, std::move(body));
  if (removed.status == 404) co_return Emptied::done;  // the kind went meanwhile
  if (removed.status != 200) co_return Emptied::failed;
  ApiHttpResponse left = co_await client.send("GET", path);
  if (left.status == 404) co_return Emptied::done;
  if (left.status != 200 || !left.body) co_return Emptied::failed;
  co_return any_items(left) ? Emptied::remains : Emptied::done;
}

asio::awaitable<Emptied> NamespaceController::State::finalize(JsonPtr object) {
  Json next = *object;
  Json kept = Json::array();
  const auto spec = next.find("spec");
  const auto finalizers = spec != next.end() ? spec->find("finalizers") : next.end();
  if (spec != next.end() && finalizers != spec->end() && finalizers->is_array()) {
    for (const Json& finalizer : *finalizers) {
      if (finalizer != "kubernetes") kept.push_back(finalizer);
    }
  }
  next["spec"]["finalizers"] = std::move(kept);
  std::string path = kNamespaces.path("", metadata_of(*object, "name")) + "/finalize";
  auto body = std::make_shared<const Json>(std::move(next));
  ApiHttpResponse answer = co_await client.send("PUT", std::move(path), std::move(body), "application/json");
  co_return answer.status == 200 || answer.status == 404 ? Emptied::done : Emptied::failed;
}

}  // namespace racebed::models

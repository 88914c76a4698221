#include "models/controllers/garbage_collector.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "models/controllers/garbage_decision.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::models {
namespace {

using Does = GarbageDecision::What;

/// What a try came to.
enum class Tried { done, again };

Tried tried(int status) {
  return status == 200 || status == 202 || status == 404 ? Tried::done : Tried::again;
}

Json guarded(const Json& object) {
  return {{"uid", metadata_of(object, "uid")}, {"resourceVersion", metadata_of(object, "resourceVersion")}};
}

/// The references of `object` but for those to `uids`, as they are.
Json references_without(const Json& object, const std::vector<std::string>& uids) {
  Json kept = Json::array();
  for (const Json& reference : object["metadata"]["ownerReferences"]) {
    const auto uid = reference.is_object() ? reference.find("uid") : reference.end();
    const bool named = uid != reference.end() && uid->is_string() &&
                       std::ranges::find(uids, uid->get_ref<const std::string&>()) != uids.end();
    if (!named) kept.push_back(reference);
  }
  return kept;
}

Json references_unblocked(const Json& object) {
  Json all = object["metadata"]["ownerReferences"];
  for (Json& reference : all) {
    if (reference.is_object()) reference["blockOwnerDeletion"] = false;
  }
  return all;
}

}  // namespace

struct GarbageCollector::State {
  State(Runtime& r, ControllerApi& api, GarbageCollectorOptions o)
      : runtime(r), client(api, o.actor), options(std::move(o)), changed(r.clock), again(r) {}

  struct Followed {
    Followed(Runtime& r, ControllerClient& client, ApiResource resource, MirrorListener listener,
             const MirrorOptions& options)
        : mirror(r, client, std::move(resource), std::move(listener), options), task(r) {}
    Mirror mirror;
    TaskGroup task;
  };

  Runtime& runtime;
  ControllerClient client;
  const GarbageCollectorOptions options;
  GarbageGraph graph;
  Event changed;  // the graph has work
  std::map<ApiResource, std::unique_ptr<Followed>> followed;
  std::map<std::string, int> failures;  // by uid
  TaskGroup again;

  asio::awaitable<void> stop();
  asio::awaitable<void> discover_for_ever();
  asio::awaitable<void> follow_all();
  asio::awaitable<void> work_for_ever();
  asio::awaitable<void> come_back(GarbageGraph::Work work);
  bool synced() const;
  void heard(const ApiResource& resource, const JsonPtr& before, const JsonPtr& after);
  const ApiResource* resource_of(const std::string& api_version, const std::string& kind) const;

  asio::awaitable<Tried> attempt(std::string uid);
  asio::awaitable<Tried> attempt_live(GarbageGraph::Node node, ApiResource resource, JsonPtr object);
  asio::awaitable<Tried> let_go(std::string uid);
  asio::awaitable<Tried> finish_foreground(GarbageGraph::Node node, ApiResource resource, JsonPtr object);
  asio::awaitable<Tried> drop_finalizer(ApiResource resource, JsonPtr object, std::string finalizer);
  asio::awaitable<std::optional<OwnerState>> classify(OwnerReference reference, ApiResource of,
                                                      std::string ns);
  asio::awaitable<Tried> carry_out(GarbageDecision decision, ApiResource resource, JsonPtr object);
  DependentsState dependents_of(const GarbageGraph::Node& node) const;
};

GarbageCollector::GarbageCollector(Runtime& runtime, ControllerApi& api, GarbageCollectorOptions options)
    : state_(std::make_unique<State>(runtime, api, std::move(options))) {}

GarbageCollector::~GarbageCollector() = default;

asio::awaitable<void> GarbageCollector::run() {
  using namespace asio::experimental::awaitable_operators;
  std::exception_ptr failure;
  try {
    co_await (state_->discover_for_ever() && state_->work_for_ever());
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await state_->stop();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> GarbageCollector::State::stop() {
  again.cancel();
  co_await again.join();
  for (const auto& [resource, entry] : followed) {
    entry->task.cancel();
    co_await entry->task.join();
  }
}

asio::awaitable<void> GarbageCollector::State::discover_for_ever() {
  for (;;) {
    co_await follow_all();
    co_await runtime.clock.sleep_for(followed.empty() ? options.retry_after : options.discovery_every);
  }
}

/// A mirror for each kind that there is; Events own nothing and are owned by nothing.
asio::awaitable<void> GarbageCollector::State::follow_all() {
  auto resources = co_await client.discover();
  if (!resources) co_return;
  for (const ApiResource& resource : *resources) {
    if (resource.plural == "events" || followed.contains(resource)) continue;
    auto listener = [this](const ApiResource& of, const JsonPtr& before, const JsonPtr& after) {
      heard(of, before, after);
    };
    auto entry = std::make_unique<Followed>(runtime, client, resource, std::move(listener), options.mirrors);
    entry->task.spawn("garbage collector's mirror", entry->mirror.run());
    followed.emplace(resource, std::move(entry));
  }
  for (auto it = followed.begin(); it != followed.end();) {
    if (std::ranges::find(*resources, it->first) != resources->end()) {
      ++it;
      continue;
    }
    const auto gone = std::move(it->second);
    it = followed.erase(it);
    gone->task.cancel();
    co_await gone->task.join();
    for (const auto& [key, object] : gone->mirror.objects()) graph.gone(metadata_of(*object, "uid"));
  }
  changed.notify_all();
}

bool GarbageCollector::State::synced() const {
  return !followed.empty() &&
         std::ranges::all_of(followed, [](const auto& f) { return f.second->mirror.synced(); });
}

void GarbageCollector::State::heard(const ApiResource& resource, const JsonPtr& before,
                                    const JsonPtr& after) {
  const std::string old = before ? metadata_of(*before, "uid") : std::string();
  if (!after) {
    graph.gone(old);
  } else {
    const std::string uid = metadata_of(*after, "uid");
    if (!old.empty() && old != uid) graph.gone(old);  // another incarnation has its name
    graph.see({resource.api_version(), resource.kind, metadata_of(*after, "namespace"),
               metadata_of(*after, "name"), uid},
              *after);
  }
  changed.notify_all();
}

const ApiResource* GarbageCollector::State::resource_of(const std::string& api_version,
                                                        const std::string& kind) const {
  // Another version of the same group does as well: the object is the same.
  const std::size_t slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? std::string() : api_version.substr(0, slash);
  for (const auto& [resource, entry] : followed) {
    if (resource.group == group && resource.kind == kind) return &resource;
  }
  return nullptr;
}

asio::awaitable<void> GarbageCollector::State::work_for_ever() {
  for (;;) {
    auto work = synced() ? graph.take() : std::nullopt;
    if (!work) {
      // Mirrors that have just synced, with nothing in them, say nothing.
      const Instant look_again = runtime.clock.steady_now() + options.retry_after;
      [[maybe_unused]] const bool told = co_await changed.wait_until(synced() ? Instant::max() : look_again);
      continue;
    }
    Tried outcome = Tried::done;
    if (work->what == GarbageGraph::Work::What::orphan) {
      outcome = co_await let_go(work->uid);
    } else {
      outcome = co_await attempt(work->uid);
    }
    if (outcome == Tried::done) {
      failures.erase(work->uid);
    } else if (++failures[work->uid] <= options.tries_max) {
      again.spawn("garbage collector's retry", come_back(std::move(*work)));
    }
  }
}

asio::awaitable<void> GarbageCollector::State::come_back(GarbageGraph::Work work) {
  co_await runtime.clock.sleep_for(options.retry_after);
  if (work.what == GarbageGraph::Work::What::orphan) {
    graph.orphan(work.uid);
  } else {
    graph.attempt(work.uid);
  }
  changed.notify_all();
}

asio::awaitable<Tried> GarbageCollector::State::attempt(std::string uid) {
  const GarbageGraph::Node* known = graph.find(uid);
  if (known == nullptr) co_return Tried::done;
  const GarbageGraph::Node node = *known;
  if (node.is_deleting && !node.waits_for_dependents) co_return Tried::done;
  const ApiResource* found = resource_of(node.identity.api_version, node.identity.kind);
  if (found == nullptr) co_return Tried::again;
  const ApiResource resource = *found;
  const std::string ns = resource.namespaced ? node.identity.ns : std::string();
  if (resource.namespaced && ns.empty()) {
    // What has no namespace cannot be owned by what has one: such a dependent is never collected.
    co_return Tried::done;
  }
  std::string path = resource.path(ns, node.identity.name);
  ApiHttpResponse live = co_await client.send("GET", std::move(path));
  if (live.status == 404 || (live.status == 200 && live.body && metadata_of(*live.body, "uid") != uid)) {
    graph.gone(uid);
    co_return Tried::done;
  }
  if (live.status != 200 || !live.body) co_return Tried::again;
  if (!node.seen) co_return Tried::done;  // it does exist: its mirror will tell
  Tried outcome = co_await attempt_live(node, resource, live.body);
  co_return outcome;
}

asio::awaitable<Tried> GarbageCollector::State::attempt_live(GarbageGraph::Node node, ApiResource resource,
                                                             JsonPtr object) {
  if (node.waits_for_dependents) {
    Tried outcome = co_await finish_foreground(node, resource, object);
    co_return outcome;
  }
  const auto references = owner_references_of(*object);
  std::vector<OwnerState> owners;
  for (const OwnerReference& reference : references) {
    auto owner = co_await classify(reference, resource, node.identity.ns);
    if (!owner) co_return Tried::again;
    owners.push_back(*owner);
  }
  GarbageDecision decision = decide(references, owners, dependents_of(node), finalizers_of(*object));
  Tried outcome = co_await carry_out(std::move(decision), resource, object);
  co_return outcome;
}

DependentsState GarbageCollector::State::dependents_of(const GarbageGraph::Node& node) const {
  DependentsState state{.any = !node.dependents.empty()};
  for (const std::string& dependent : node.dependents) {
    const GarbageGraph::Node* other = graph.find(dependent);
    if (other != nullptr && other->waits_for_dependents) state.any_waits = true;
  }
  return state;
}

/// Nothing when it cannot be told now.
asio::awaitable<std::optional<OwnerState>> GarbageCollector::State::classify(OwnerReference reference,
                                                                             ApiResource of, std::string ns) {
  if (graph.known_absent(reference.uid, ns)) co_return OwnerState::dangling;
  const ApiResource* found = resource_of(reference.api_version, reference.kind);
  if (found == nullptr) co_return std::nullopt;
  const ApiResource resource = *found;
  if (resource.namespaced && !of.namespaced) co_return OwnerState::solid;  // an error; nothing is collected
  std::string path = resource.path(resource.namespaced ? ns : std::string(), reference.name);
  ApiHttpResponse owner = co_await client.send("GET", std::move(path));
  if (owner.status == 404) co_return OwnerState::dangling;
  if (owner.status != 200 || !owner.body) co_return std::nullopt;
  if (metadata_of(*owner.body, "uid") != reference.uid) co_return OwnerState::dangling;
  const auto finalizers = finalizers_of(*owner.body);
  const bool waits = !metadata_of(*owner.body, "deletionTimestamp").empty() &&
                     std::ranges::find(finalizers, "foregroundDeletion") != finalizers.end();
  co_return waits ? OwnerState::waiting : OwnerState::solid;
}

asio::awaitable<Tried> GarbageCollector::State::carry_out(GarbageDecision decision, ApiResource resource,
                                                          JsonPtr object) {
  if (decision.what == Does::keep) co_return Tried::done;
  std::string path = resource.path(metadata_of(*object, "namespace"), metadata_of(*object, "name"));
  Json guards = guarded(*object);
  if (decision.what == Does::drop_references || decision.what == Does::unblock) {
    Json patch{{"metadata", guards}};
    patch["metadata"]["ownerReferences"] = decision.what == Does::unblock
                                               ? references_unblocked(*object)
                                               : references_without(*object, decision.uids);
    std::string target = path;
    ApiHttpResponse patched = co_await client.merge_patch(std::move(target), std::move(patch));
    if (decision.what == Does::drop_references || patched.status != 200 || !patched.body)
      co_return tried(patched.status);
    guards = guarded(*patched.body);
  }
  Json options{{"kind", "DeleteOptions"},
               {"apiVersion", "v1"},
               {"propagationPolicy", decision.policy},
               {"preconditions", guards}};
  auto body = std::make_shared<const Json>(std::move(options));
  ApiHttpResponse removed = co_await client.send("DELETE", std::move(path), std::move(body));
  co_return tried(removed.status);
}

/// The owner may go once nothing is left that blocks it.
asio::awaitable<Tried> GarbageCollector::State::finish_foreground(GarbageGraph::Node node,
                                                                  ApiResource resource, JsonPtr object) {
  bool blocked = false;
  for (const std::string& dependent : node.dependents) {
    const GarbageGraph::Node* other = graph.find(dependent);
    if (other == nullptr) continue;
    const auto reference = std::ranges::find(other->owners, node.identity.uid, &OwnerReference::uid);
    if (reference == other->owners.end() || !reference->blocks_owner_deletion) continue;
    blocked = true;
    if (!other->waits_for_dependents) graph.attempt(dependent);
  }
  if (blocked) co_return Tried::done;  // its dependents' going brings it back here
  Tried outcome = co_await drop_finalizer(resource, object, "foregroundDeletion");
  co_return outcome;
}

asio::awaitable<Tried> GarbageCollector::State::drop_finalizer(ApiResource resource, JsonPtr object,
                                                               std::string finalizer) {
  auto finalizers = finalizers_of(*object);
  if (std::erase(finalizers, finalizer) == 0) co_return Tried::done;
  Json patch{{"metadata", guarded(*object)}};
  patch["metadata"]["finalizers"] = finalizers;
  std::string path = resource.path(metadata_of(*object, "namespace"), metadata_of(*object, "name"));
  ApiHttpResponse patched = co_await client.merge_patch(std::move(path), std::move(patch));
  co_return tried(patched.status);
}

/// Every dependent that is known by now loses its reference; those that come later are missed.
asio::awaitable<Tried> GarbageCollector::State::let_go(std::string uid) {
  const GarbageGraph::Node* known = graph.find(uid);
  if (known == nullptr) co_return Tried::done;
  const GarbageGraph::Node node = *known;
  const ApiResource* found = resource_of(node.identity.api_version, node.identity.kind);
  if (found == nullptr) co_return Tried::again;
  const ApiResource resource = *found;
  for (const std::string& dependent : node.dependents) {
    const GarbageGraph::Node* other = graph.find(dependent);
    const ApiResource* of =
        other == nullptr ? nullptr : resource_of(other->identity.api_version, other->identity.kind);
    if (of == nullptr) continue;
    const std::string path = of->path(other->identity.ns, other->identity.name);
    ApiHttpResponse live = co_await client.send("GET", path);
    if (live.status == 404) continue;
    if (live.status != 200 || !live.body) co_return Tried::again;
    if (metadata_of(*live.body, "uid") != dependent || owner_references_of(*live.body).empty()) continue;
    Json patch{{"metadata", guarded(*live.body)}};
    const std::vector<std::string> owner(1, uid);
    patch["metadata"]["ownerReferences"] = references_without(*live.body, owner);
    ApiHttpResponse patched = co_await client.merge_patch(path, std::move(patch));
    if (tried(patched.status) == Tried::again) co_return Tried::again;
  }
  std::string path = resource.path(node.identity.ns, node.identity.name);
  ApiHttpResponse live = co_await client.send("GET", std::move(path));
  if (live.status == 404) co_return Tried::done;
  if (live.status != 200 || !live.body) co_return Tried::again;
  if (metadata_of(*live.body, "uid") != uid) co_return Tried::done;
  Tried outcome = co_await drop_finalizer(resource, live.body, "orphan");
  co_return outcome;
}

}  // namespace racebed::models

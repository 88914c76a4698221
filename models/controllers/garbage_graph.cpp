#include "models/controllers/garbage_graph.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/controllers/api.hpp"

namespace racebed::models {
namespace {

bool contains(const std::vector<std::string>& all, const char* one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

std::vector<OwnerReference> owner_references_of(const Json& object) {
  std::vector<OwnerReference> all;
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return all;
  const auto references = metadata->find("ownerReferences");
  if (references == metadata->end() || !references->is_array()) return all;
  for (const Json& reference : *references) {
    const auto text = [&](const char* member) {
      const auto it = reference.find(member);
      return it != reference.end() && it->is_string() ? it->get<std::string>() : std::string();
    };
    if (!reference.is_object() || text("uid").empty()) continue;
    const auto blocks = reference.find("blockOwnerDeletion");
    all.push_back({text("apiVersion"), text("kind"), text("name"), text("uid"),
                   blocks != reference.end() && blocks->is_boolean() && blocks->get<bool>()});
  }
  return all;
}

const GarbageGraph::Node* GarbageGraph::find(const std::string& uid) const {
  const auto found = nodes_.find(uid);
  return found == nodes_.end() ? nullptr : &found->second;
}

void GarbageGraph::add(Work work) {
  if (queued_.emplace(work.what, work.uid).second) queue_.push_back(std::move(work));
}

std::optional<GarbageGraph::Work> GarbageGraph::take() {
  if (queue_.empty()) return std::nullopt;
  Work work = std::move(queue_.front());
  queue_.pop_front();
  queued_.erase({work.what, work.uid});
  return work;
}

void GarbageGraph::attempt_dependents(const Node& node) {
  for (const std::string& dependent : node.dependents) attempt(dependent);
}

/// A dependent that no longer holds its owner back: the owner may be able to go now.
void GarbageGraph::leave(const std::string& dependent, const OwnerReference& owner) {
  const auto found = nodes_.find(owner.uid);
  if (found == nodes_.end()) return;
  found->second.dependents.erase(dependent);
  if (found->second.waits_for_dependents) attempt(owner.uid);
  if (!found->second.seen && found->second.dependents.empty()) nodes_.erase(found);
}

void GarbageGraph::adopt(Node& node, std::vector<OwnerReference> owners) {
  const std::string uid = node.identity.uid;
  const auto old = std::exchange(node.owners, owners);
  for (const OwnerReference& owner : old) {
    const auto kept = std::ranges::find(owners, owner.uid, &OwnerReference::uid);
    if (kept == owners.end()) {
      leave(uid, owner);
    } else if (owner.blocks_owner_deletion && !kept->blocks_owner_deletion) {
      const auto found = nodes_.find(owner.uid);
      if (found != nodes_.end() && found->second.waits_for_dependents) attempt(owner.uid);
    }
  }
  for (const OwnerReference& owner : owners) {
    if (std::ranges::find(old, owner.uid, &OwnerReference::uid) != old.end()) continue;
    const auto [it, unheard_of] = nodes_.try_emplace(owner.uid);
    Node& other = it->second;
    if (unheard_of) other.identity = {owner.api_version, owner.kind, node.identity.ns, owner.name, owner.uid};
    if (!other.seen) attempt(owner.uid);  // it may exist or not; somebody has to ask
    other.dependents.insert(uid);
    if (other.seen && other.waits_for_dependents) attempt(uid);
    // A reference across namespaces is one to an absent owner.
    if (other.seen && !other.identity.ns.empty() && other.identity.ns != node.identity.ns) attempt(uid);
  }
}

void GarbageGraph::see(const ObjectIdentity& identity, const Json& object) {
  if (identity.uid.empty()) return;
  Node& node = nodes_[identity.uid];
  node.identity = identity;
  const bool is_new = !std::exchange(node.seen, true);
  const auto finalizers = finalizers_of(object);
  node.is_deleting = node.is_deleting || !metadata_of(object, "deletionTimestamp").empty();
  const bool waits = node.is_deleting && contains(finalizers, "foregroundDeletion");
  const bool orphans = node.is_deleting && contains(finalizers, "orphan");
  const bool begins_to_wait = waits && !node.waits_for_dependents;
  const bool begins_to_orphan = orphans && !node.is_orphaning;
  node.waits_for_dependents = waits;
  node.is_orphaning = orphans;
  adopt(node, owner_references_of(object));
  if (begins_to_orphan) orphan(identity.uid);
  if (begins_to_wait) {
    attempt_dependents(node);
    attempt(identity.uid);
  }
  // A dependent may have come long after its owner went.
  if (is_new) {
    for (const OwnerReference& owner : node.owners) {
      if (known_absent(owner.uid, identity.ns)) attempt(identity.uid);
    }
  }
}

void GarbageGraph::remember_absent(std::pair<std::string, std::string> uid_and_ns) {
  if (!absent_.insert(uid_and_ns).second) return;
  absent_order_.push_back(std::move(uid_and_ns));
  if (absent_order_.size() <= kAbsentMax) return;
  absent_.erase(absent_order_.front());
  absent_order_.pop_front();
}

void GarbageGraph::gone(const std::string& uid) {
  const auto found = nodes_.find(uid);
  if (found == nodes_.end()) return;
  const Node node = std::move(found->second);
  nodes_.erase(found);
  // What was only asked for may still be there, in another namespace.
  remember_absent({uid, node.seen ? std::string() : node.identity.ns});
  for (const std::string& dependent : node.dependents) attempt(dependent);
  for (const OwnerReference& owner : node.owners) leave(uid, owner);
  // Its dependents still name it: kept as what is known of it, without having been seen.
  for (const std::string& dependent : node.dependents) {
    if (!nodes_.contains(dependent)) continue;
    Node& memory = nodes_[uid];
    memory.identity = node.identity;
    memory.dependents.insert(dependent);
  }
}

}  // namespace racebed::models

// What is true: every object at its latest version under one revision counter, and the recent history of
// changes that watch caches feed on. What etcd is to a kube-apiserver. Commits go to the ledger.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "models/apiserver/resource.hpp"
#include "models/ledger/ledger.hpp"

namespace racebed::models {

/// A committed change of one object. `after` is null when it was removed; `before` is null when it was
/// created. Each carries its own resourceVersion; the removed object's last state carries the removal's
/// revision in `last`.
struct Change {
  std::uint64_t revision = 0;
  const ResourceType* type = nullptr;
  std::string key{};  // "namespace/name"
  JsonPtr before{};
  JsonPtr after{};
  JsonPtr last{};  // set on removal: the last state with the removal's revision
};

class Store {
 public:
  explicit Store(Ledger& ledger) : ledger_(ledger) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  using Objects = std::map<std::string, JsonPtr, std::less<>>;  // by "namespace/name"
  static std::string key(std::string_view ns, std::string_view name);

  /// Null if there is none.
  JsonPtr find(const ResourceType& type, std::string_view key) const;
  const Objects& objects(const ResourceType& type) const;
  std::uint64_t revision() const { return revision_; }
  /// The next commit's revision.
  std::uint64_t next_revision() const { return revision_ + 1; }

  /// Makes `object` the latest version of `key`; sets its metadata.resourceVersion to the new revision, which
  /// the returned object carries.
  JsonPtr put(const ResourceType& type, std::string_view key, Json object, const Actor& actor,
              Committed::Operation operation);
  /// Removes it; returns its last state with the removal's revision. Requires: it is there.
  JsonPtr remove(const ResourceType& type, std::string_view key, const Actor& actor);

  /// Hears of each change, in order, inside the commit. For the life of the store.
  using Listener = std::function<void(const Change&)>;
  void on_change(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// At most kHistoryMax changes are kept; older ones are compacted away.
  static constexpr std::size_t kHistoryMax = 100'000;
  const std::deque<Change>& history() const { return history_; }
  /// Watches and lists can start from this revision at the earliest.
  std::uint64_t compacted() const { return compacted_; }
  void compact(std::uint64_t revision);

 private:
  void commit(Change change, const Actor& actor, Committed::Operation operation);
  Ledger& ledger_;
  std::uint64_t revision_ = 1;  // 0 means "any" to clients, so an empty store is already past it
  std::uint64_t compacted_ = 1;
  std::map<const ResourceType*, Objects>
      objects_;  // looked up, never iterated: the order of addresses shows nowhere
  std::deque<Change> history_;
  std::vector<Listener> listeners_;
};

/// metadata.name and the like; "" when absent.
const std::string& metadata_text(const Json& object, const char* field);
ObjectRef ref_of(const ResourceType& type, const Json& object);
std::uint64_t revision_of(const Json& object);

}  // namespace racebed::models

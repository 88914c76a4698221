// What is true: every object at its latest version under one revision counter, and the recent history of
// changes that watch caches feed on. What etcd is to a kube-apiserver. Commits go to the ledger.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "models/apiserver/key_index.hpp"
#include "models/apiserver/resource.hpp"
#include "models/ledger/ledger.hpp"

namespace racebed::models {

/// A committed change of one object. `after` is null when it was removed; `before` is null when it was
/// created. Each carries its own resourceVersion; the removed object's last state carries the removal's
/// revision in `last`.
struct Change {
  std::uint64_t revision = 0;
  const ResourceType* type = nullptr;  // as it is kept: ResourceType::stored()
  std::string key{};                   // "namespace/name"
  JsonPtr before{};
  JsonPtr after{};
  JsonPtr last{};  // set on removal: the last state with the removal's revision
};

using ChangePtr = std::shared_ptr<const Change>;

/// Hears of each commit, in order, inside it.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void on_change(const ChangePtr& change) = 0;
  /// Changes up to and including `revision` are forgotten.
  virtual void on_compaction(std::uint64_t revision) = 0;
  /// The kind is served in another way from now on, or, `gone`, not at all: watches of it end, and what was
  /// kept of its objects is no longer how they look.
  virtual void on_reshape(const ResourceType& /*type*/, bool /*gone*/) {}
};

/// Objects go in and come out in the version of the `type` that is named; objects(), history() and the like
/// show them as they are kept. Where the two are the same, nothing is copied.
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

  /// Gives every kept object of the kind, of the past too, another shape. No revision is used, as nothing is
  /// written: it is how the server reads what it finds. Null: the shape stays, and listeners hear all the
  /// same.
  void reshape(const ResourceType& type, const std::function<void(Json& object)>& change);
  /// The kind is no longer served. Requires: it has no objects.
  void retire(const ResourceType& type);

  /// A listener hears of changes as long as its subscription lives. Both the listener and the store must
  /// outlive the subscription.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Store& store, std::uint64_t id) : store_(&store), id_(id) {}
    Subscription(Subscription&& other) noexcept
        : store_(std::exchange(other.store_, nullptr)), id_(other.id_) {}
    Subscription& operator=(Subscription&& other) noexcept {
      std::swap(store_, other.store_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Subscription() {
      if (store_ != nullptr) store_->listeners_.erase(id_);
    }

   private:
    Store* store_ = nullptr;
    std::uint64_t id_ = 0;
  };
  [[nodiscard]] Subscription subscribe(StoreListener& listener);

  /// The changes of one kind that are kept, oldest first; at most kHistoryMax of all kinds together.
  using History = std::deque<ChangePtr>;
  const History& history(const ResourceType& type) const;
  static constexpr std::size_t kHistoryMax = 100'000;
  /// What had changed since `revision` and how it was then: the past differs from objects() just there.
  /// Requires: compacted() <= revision <= revision().
  using Overlay = Objects;  // null: it was not there
  Overlay overlay(const ResourceType& type, std::uint64_t revision) const;

  /// Reads and watches can start from this revision at the earliest.
  std::uint64_t compacted() const { return compacted_; }
  /// Forgets what led up to `revision`; listeners hear of it. Requires: revision <= revision().
  void compact(std::uint64_t revision);

 private:
  void commit(Change change, const Actor& actor, Committed::Operation operation);
  void forget(std::uint64_t revision);
  Ledger& ledger_;
  std::uint64_t revision_ = 1;  // 0 means "any" to clients, so an empty store is already past it
  std::uint64_t compacted_ = 1;
  /// The objects of one kind, in order, and a short way to each.
  struct Table {
    Objects objects{};
    KeyIndex<Objects::iterator> by_key{};
  };
  // Looked up, never iterated: the order of addresses shows nowhere.
  std::map<const ResourceType*, Table> tables_;
  std::map<const ResourceType*, History> histories_;
  std::deque<std::pair<std::uint64_t, History*>> kept_;  // whose the kept changes are, in order of revisions
  std::map<std::uint64_t, StoreListener*> listeners_;    // in order of subscription
  std::uint64_t listeners_ever_ = 0;
};

/// metadata.name and the like; "" when absent.
const std::string& metadata_text(const Json& object, const char* field);
ObjectRef ref_of(const ResourceType& type, const Json& object);
/// Whether the ledger hears of the moments before and after its writes: notifications and leases.
bool is_told_of(const ResourceType& type);
std::uint64_t revision_of(const Json& object);

}  // namespace racebed::models

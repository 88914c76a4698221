// Who owns whom, as far as the garbage collector has seen, keyed by uid; and which objects are to be looked
// at because of what it saw. No I/O (kube-controller-manager garbagecollector/graph_builder.go; kubernetes.md
// §1.10).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

/// An entry of metadata.ownerReferences.
struct OwnerReference {
  std::string api_version{};
  std::string kind{};
  std::string name{};
  std::string uid{};
  bool blocks_owner_deletion = false;
};
/// Entries without a uid are left out; objects of any shape.
std::vector<OwnerReference> owner_references_of(const Json& object);

struct ObjectIdentity {
  std::string api_version{};
  std::string kind{};
  std::string ns{};
  std::string name{};
  std::string uid{};
};

class GarbageGraph {
 public:
  struct Node {
    ObjectIdentity identity{};
    std::vector<OwnerReference> owners{};
    std::set<std::string> dependents{};  // uids
    bool is_deleting = false;
    bool waits_for_dependents = false;  // foreground deletion
    bool is_orphaning = false;          // its dependents are to be let go of, then it may go
    bool seen = false;                  // else known only from a dependent's reference
  };
  struct Work {
    enum class What { attempt_delete, orphan } what = What::attempt_delete;
    std::string uid{};
  };

  /// The object is there, in this state.
  void see(const ObjectIdentity& identity, const Json& object);
  /// The object of this uid is gone, or never was.
  void gone(const std::string& uid);

  /// Null when nothing is known of it.
  const Node* find(const std::string& uid) const;
  /// Asked for and not found, by a dependent of this namespace; or seen to go.
  bool known_absent(const std::string& uid, const std::string& ns) const {
    return absent_.contains({uid, ns}) || absent_.contains({uid, ""});
  }

  /// What to look at next; nothing when there is nothing to do.
  std::optional<Work> take();
  void attempt(const std::string& uid) { add({Work::What::attempt_delete, uid}); }
  void orphan(const std::string& uid) { add({Work::What::orphan, uid}); }
  std::size_t size() const { return nodes_.size(); }

  /// How many uids are remembered as absent; the oldest are forgotten, and asked for again.
  static constexpr std::size_t kAbsentMax = 500;

 private:
  void add(Work work);
  void adopt(Node& node, std::vector<OwnerReference> owners);
  void leave(const std::string& dependent, const OwnerReference& owner);
  void attempt_dependents(const Node& node);
  void remember_absent(std::pair<std::string, std::string> uid_and_ns);

  std::map<std::string, Node> nodes_;
  std::deque<Work> queue_;
  std::set<std::pair<Work::What, std::string>> queued_;
  std::set<std::pair<std::string, std::string>> absent_;
  std::deque<std::pair<std::string, std::string>> absent_order_;
};

}  // namespace racebed::models

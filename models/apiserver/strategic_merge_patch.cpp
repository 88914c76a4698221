#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/patches.hpp"

namespace racebed::models {
namespace {

/// Lists that merge, and by which key; "" for lists of texts. All that the kinds we have know of (k8s.io/api,
/// patchMergeKey).
const char* merge_key(const std::string& list) {
  if (list == "ownerReferences") return "uid";
  if (list == "conditions") return "type";
  if (list == "finalizers") return "";
  return nullptr;
}

bool is_directive(const std::string& member) {
  return member.starts_with('$');
}

/// Any directives that are left are not stored.
void drop_directives(Json& value) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end();)
      it = is_directive(it.key()) ? value.erase(it) : std::next(it);
  }
  if (value.is_structured()) {
    for (Json& inner : value) drop_directives(inner);
  }
}

class StrategicMerge {
 public:
  std::optional<PatchProblem> problem;

  void object(Json& document, const Json& change) {
    if (!document.is_object()) document = Json::object();
    const std::string directive = text_member(change, "$patch");
    if (directive == "replace" || directive == "delete") {
      document = directive == "delete" ? Json::object() : change;
      drop_directives(document);
      return;
    }
    if (!directive.empty() && directive != "merge") problem = PatchProblem::malformed;
    retain_keys(document, change);
    for (const auto& [name, value] : change.items()) {
      if (is_directive(name)) continue;
      member(document, name, value);
    }
    for (const auto& [name, value] : change.items()) {
      constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";
      constexpr std::string_view kOrder = "$setElementOrder/";
      if (name.starts_with(kDelete)) delete_from(document, name.substr(kDelete.size()), value);
      if (name.starts_with(kOrder)) order(document, name.substr(kOrder.size()), value);
    }
  }

 private:
  static void retain_keys(Json& document, const Json& change) {
    const auto keep = change.find("$retainKeys");
    if (keep == change.end() || !keep->is_array()) return;
    for (auto it = document.begin(); it != document.end();) {
      const bool kept = std::ranges::find(*keep, Json(it.key())) != keep->end();
      it = kept ? std::next(it) : document.erase(it);
    }
  }

  void member(Json& document, const std::string& name, const Json& value) {
    if (value.is_null()) {
      document.erase(name);
    } else if (value.is_object()) {
      if (text_member(value, "$patch") == "delete") {
        document.erase(name);
      } else {
        object(document[name], value);
      }
    } else if (const char* key = merge_key(name); value.is_array() && key != nullptr) {
      Json& list = document[name];
      if (!list.is_array()) list = Json::array();
      *key == '\0' ? merge_texts(list, value) : merge_objects(list, value, key);
    } else {
      document[name] = value;
      drop_directives(document[name]);
    }
  }

  static void merge_texts(Json& list, const Json& change) {
    for (const Json& item : change) {
      if (std::ranges::find(list, item) == list.end()) list.push_back(item);
    }
  }

  void merge_objects(Json& list, const Json& change, const char* key) {
    const bool replace = std::ranges::any_of(change, [](const Json& item) {
      return item.is_object() && item.size() == 1 && text_member(item, "$patch") == "replace";
    });
    if (replace) list = Json::array();
    for (const Json& item : change) {
      if (!item.is_object()) {
        problem = PatchProblem::malformed;
        return;
      }
      const auto wanted = item.find(key);
      if (wanted == item.end()) {
        if (!item.contains("$patch")) problem = PatchProblem::malformed;
        continue;
      }
      const auto found = std::ranges::find_if(
          list, [&](const Json& old) { return old.is_object() && old.value(key, Json()) == *wanted; });
      if (text_member(item, "$patch") == "delete") {
        if (found != list.end()) list.erase(found);
      } else if (found != list.end()) {
        object(*found, item);
      } else {
        list.push_back(item);
        drop_directives(list.back());
      }
    }
  }

  static void delete_from(Json& document, const std::string& name, const Json& gone) {
    const auto list = document.find(name);
    if (list == document.end() || !list->is_array() || !gone.is_array()) return;
    Json kept = Json::array();
    for (const Json& item : *list) {
      if (std::ranges::find(gone, item) == gone.end()) kept.push_back(item);
    }
    *list = std::move(kept);
  }

  /// Items that the order names come in that order; the others keep their places after them.
  static void order(Json& document, const std::string& name, const Json& wanted) {
    const auto list = document.find(name);
    const char* key = merge_key(name);
    if (list == document.end() || !list->is_array() || !wanted.is_array() || key == nullptr) return;
    const auto place = [&](const Json& item) {
      std::size_t at = 0;
      for (const Json& entry : wanted) {
        const bool same = *key == '\0' ? entry == item
                                       : entry.is_object() && item.is_object() &&
                                             entry.value(key, Json()) == item.value(key, Json());
        if (same) return at;
        ++at;
      }
      return at;
    };
    std::vector<Json> items(list->begin(), list->end());
    std::ranges::stable_sort(items, [&](const Json& a, const Json& b) { return place(a) < place(b); });
    *list = Json(std::move(items));
  }
};

}  // namespace

std::optional<PatchProblem> apply_strategic_merge_patch(Json& document, const Json& change) {
  if (!change.is_object()) return PatchProblem::malformed;
  StrategicMerge merge;
  merge.object(document, change);
  return merge.problem;
}

}  // namespace racebed::models

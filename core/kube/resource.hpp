// Which resource of the API: group, version, plural, kind, scope; builds the targets of requests.
#pragma once

#include <string>
#include <string_view>

#include "core/kube/object.hpp"

namespace racebed::kube {

struct Resource {
  std::string group;  // empty: the core group
  std::string version;
  std::string plural;
  std::string kind;
  bool namespaced = true;

  /// "v1", "coordination.k8s.io/v1".
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// "/apis/G/V/namespaces/NS/PLURAL"; all namespaces when `ns` is empty.
  std::string collection(std::string_view ns) const;
  /// "/apis/G/V/namespaces/NS/PLURAL/NAME[/SUBRESOURCE]".
  std::string item(const ObjectKey& key, std::string_view subresource = {}) const;
};

/// coordination.k8s.io/v1 Lease.
Resource leases();
/// v1 Event.
Resource events();

/// Appends `text` with everything but RFC 3986 "unreserved" characters percent-encoded.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace racebed::kube

#include "core/kube/resource.hpp"

namespace racebed::kube {

std::string Resource::collection(std::string_view ns) const {
  std::string target;
  target.reserve(128);
  target += group.empty() ? "/api/" : "/apis/";
  if (!group.empty()) (target += group) += '/';
  target += version;
  if (namespaced && !ns.empty()) {
    target += "/namespaces/";
    append_percent_encoded(target, ns);
  }
  (target += '/') += plural;
  return target;
}

std::string Resource::item(const ObjectKey& key, std::string_view subresource) const {
  std::string target = collection(key.ns);
  target += '/';
  append_percent_encoded(target, key.name);
  if (!subresource.empty()) (target += '/') += subresource;
  return target;
}

Resource leases() {
  return {"coordination.k8s.io", "v1", "leases", "Lease", true};
}
Resource events() {
  return {"", "v1", "events", "Event", true};
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                            (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
                            byte == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

}  // namespace racebed::kube

#include "core/kube/kubeconfig.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "core/kube/yaml.hpp"

namespace racebed::kube {
namespace {

using nlohmann::json;

/// What is wrong with the kubeconfig.
struct Wrong {
  std::string line;
};

/// The entry of `list` whose name is `name`, or rather its member `inner`.
const json& named(const json& config, const char* list, const std::string& name, const char* inner) {
  const auto entries = config.find(list);
  if (entries != config.end() && entries->is_array()) {
    for (const json& entry : *entries) {
      if (!entry.is_object() || !entry.contains("name") || entry["name"] != name) continue;
      const auto found = entry.find(inner);
      if (found != entry.end() && found->is_object()) return *found;
      throw Wrong{fmt::format("{} \"{}\": no {} in it", list, name, inner)};
    }
  }
  throw Wrong{fmt::format("{}: none named \"{}\"", list, name)};
}

std::string text_of(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string()) throw Wrong{fmt::format("{}: not a text", member)};
  return found->get<std::string>();
}

std::string decoded(const json& object, const char* member) {
  std::string text = text_of(object, member);
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  if (text.empty()) return {};
  std::string bytes(text.size(), '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) throw Wrong{fmt::format("{}: not base64", member)};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

ClusterAccess access_of(const json& config, const std::string& wanted) {
  if (!config.is_object()) throw Wrong{"not a kubeconfig, expected a mapping"};
  const std::string name = wanted.empty() ? text_of(config, "current-context") : wanted;
  if (name.empty()) throw Wrong{"no current-context"};
  const json& context = named(config, "contexts", name, "context");
  const json& cluster = named(config, "clusters", text_of(context, "cluster"), "cluster");
  ClusterAccess access;
  access.ns = text_of(context, "namespace");
  const std::string server = text_of(cluster, "server");
  const auto url = net::parse_url(server);
  if (!url) throw Wrong{fmt::format("server: found \"{}\", expected an http or https URL", server)};
  access.server = *url;
  while (access.server.target.size() > 1 && access.server.target.ends_with('/'))
    access.server.target.pop_back();
  access.tls_server_name = text_of(cluster, "tls-server-name");
  access.insecure = cluster.value("insecure-skip-tls-verify", false);
  access.ca_pem = decoded(cluster, "certificate-authority-data");
  access.ca_file = text_of(cluster, "certificate-authority");
  const std::string user_name = text_of(context, "user");
  if (user_name.empty()) return access;
  const json& user = named(config, "users", user_name, "user");
  if (user.contains("exec") || user.contains("auth-provider"))
    throw Wrong{fmt::format(
        "users \"{}\": exec and auth-provider are not supported, expected a token or a certificate",
        user_name)};
  access.token = text_of(user, "token");
  access.token_file = text_of(user, "tokenFile");
  access.client_certificate_pem = decoded(user, "client-certificate-data");
  access.client_certificate_file = text_of(user, "client-certificate");
  access.client_key_pem = decoded(user, "client-key-data");
  access.client_key_file = text_of(user, "client-key");
  return access;
}

}  // namespace

Result<ClusterAccess, std::string> parse_kubeconfig(const std::string& text, const std::string& context) {
  const auto config = parse_yaml(text);
  if (!config) return config.error();
  try {
    return access_of(*config, context);
  } catch (const Wrong& wrong) {
    return wrong.line;
  } catch (const json::exception&) {
    return std::string("not a kubeconfig: a member has the wrong type");
  }
}

}  // namespace racebed::kube

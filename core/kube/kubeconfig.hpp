// Where an API server is and who we are to it, as a kubeconfig or a pod's service account says. Reads no
// files: what names a file is handed back by name.
#pragma once

#include <string>

#include "core/net/https_client.hpp"
#include "runtime/result.hpp"

namespace racebed::kube {

struct ClusterAccess {
  net::Url server{};
  std::string ns{};  // of the context; empty: "default"
  std::string tls_server_name{};
  bool insecure = false;
  // Each: the content, or the path of a file that holds it, or neither. Paths are as the kubeconfig has them.
  std::string ca_pem{}, ca_file{};
  std::string token{}, token_file{};
  std::string client_certificate_pem{}, client_certificate_file{};
  std::string client_key_pem{}, client_key_file{};
};

/// `context` empty: current-context. The error is one line, without secrets.
Result<ClusterAccess, std::string> parse_kubeconfig(const std::string& text, const std::string& context);

}  // namespace racebed::kube

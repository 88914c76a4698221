#include "experiments/live/kubeconfig.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace racebed::experiments {
namespace {

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string context(const char* name) {
  return fmt::format("- name: {0}\n  context:\n    cluster: {0}\n    user: racebed\n    namespace: default\n",
                     name);
}

}  // namespace

std::string kubeconfig_text(const KubeconfigOptions& options) {
  std::string clusters;
  std::string contexts;
  if (options.https_port != 0) {
    clusters += fmt::format(
        "- name: racebed\n  cluster:\n    server: https://{}:{}\n    certificate-authority-data: {}\n",
        options.address, options.https_port, base64(options.ca_pem));
    contexts += context("racebed");
  }
  if (options.http_port != 0) {
    clusters += fmt::format("- name: racebed-http\n  cluster:\n    server: http://{}:{}\n", options.address,
                            options.http_port);
    contexts += context("racebed-http");
  }
  return fmt::format(
      "apiVersion: v1\nkind: Config\nclusters:\n{}users:\n- name: racebed\n  user:\n    token: "
      "{}\ncontexts:\n{}"
      "current-context: {}\n",
      clusters, options.token, contexts, options.https_port != 0 ? "racebed" : "racebed-http");
}

}  // namespace racebed::experiments

// The text of a kubeconfig that points clients at a fake world.
#pragma once

#include <cstdint>
#include <string>

namespace racebed::experiments {

struct KubeconfigOptions {
  std::string address;
  std::uint16_t http_port = 0;   // 0: none
  std::uint16_t https_port = 0;  // 0: none
  std::string ca_pem;
  std::string token;
};

/// One context for each port that there is: "racebed" over HTTPS (the current one, if it is served),
/// "racebed-http".
std::string kubeconfig_text(const KubeconfigOptions& options);

}  // namespace racebed::experiments

// What `racebed controller` can be told: one table of keys, read from a YAML or JSON file and from flags
// alike.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/notification/config.hpp"
#include "core/obs/log.hpp"

namespace racebed::cli {

struct ControllerConfig {
  notification::Config controller{};
  // Secrets come from files only: a command line can be read by every process of the machine.
  std::string slack_webhook_file{};
  std::string slack_token_file{};
  std::string slack_ca_file = "/etc/ssl/certs/ca-certificates.crt";
  std::string slack_revocations_file{};  // empty: revocation is not checked
  std::uint16_t http_port = 8080;        // /metrics, /healthz, /readyz; 0: a free one
  std::string http_address = "127.0.0.1";
  obs::Level log_level = obs::Level::info;
  bool log_json = false;
  std::string audit_file{};  // audit records, a line of JSON each; empty: none
};

/// The keys, as help shows them: "election.leaseDuration", "15s", "how long a lease ...".
struct ConfigKey {
  std::string path;
  std::string standard;
  std::string help;
};
std::vector<ConfigKey> config_keys();

/// Sets one key from its value. Nothing on success, else what was expected.
std::string set_key(ControllerConfig& config, const std::string& path, const nlohmann::json& value);

/// Sets every key of a document, `where` names it. Throws experiments::InputError: file, key, what was
/// expected.
void apply_document(ControllerConfig& config, const std::string& where, const nlohmann::json& document);

}  // namespace racebed::cli

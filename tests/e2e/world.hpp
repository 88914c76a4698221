// `racebed serve` and `racebed controller` as processes on free ports, and the small HTTP client that the
// tests look at them with.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {

using Json = nlohmann::json;

struct HttpAnswer {
  int status = 0;                                // 0: no answer
  std::map<std::string, std::string> headers{};  // names in lower case
  std::string body{};
  Json json() const { return Json::parse(body, nullptr, false); }
};
/// One request over a connection of its own, plain HTTP. `base` is "http://127.0.0.1:8080".
HttpAnswer http(const std::string& base, const std::string& method, const std::string& target,
                const std::string& body = {}, const std::map<std::string, std::string>& headers = {});

/// Where racebed is, and where a client that scripts/test-clients.sh fetched is.
std::string racebed_program();
std::string client(const std::string& name);

/// The fake world, ready when constructed. Throws with what it printed when it is not within 20 s.
class Serve {
 public:
  explicit Serve(std::vector<std::string> options = {});

  const Json& ready() const { return ready_; }
  std::string http_base() const { return ready_.at("http"); }
  std::string https_base() const { return ready_.at("https"); }
  std::string control() const { return ready_.at("control"); }
  std::string kubeconfig() const { return folder_.path() + "/kubeconfig"; }
  std::string ca_file() const { return folder_.path() + "/ca.pem"; }
  std::string revocations_file() const { return folder_.path() + "/revocations.pem"; }
  const TemporaryFolder& folder() const { return folder_; }
  ChildProcess& process() { return *process_; }
  /// PUT /faults.
  HttpAnswer set_faults(const Json& faults) const;
  /// What Slack accepted, oldest first.
  Json delivered() const;
  HttpAnswer api(const std::string& method, const std::string& target, const Json& body = nullptr,
                 const std::string& content_type = "application/json") const;
  /// The command and what it printed, for a failed test's report.
  std::string log() const;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  Json ready_;
};

/// `racebed controller` against `world`: leads within seconds, posts to its Slack, trusts its authority.
class ControllerProcess {
 public:
  ControllerProcess(const Serve& world, const std::string& identity, std::vector<std::string> options = {});

  ChildProcess& process() { return *process_; }
  std::string pages() const { return ready_.at("pages"); }
  std::string log() const;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  Json ready_;
};

}  // namespace racebed::tests

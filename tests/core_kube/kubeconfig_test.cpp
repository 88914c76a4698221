// Kubeconfigs and YAML: what is read, and the one line that says what is wrong.
#include "core/kube/kubeconfig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/kube/yaml.hpp"

using namespace racebed;

namespace {

const std::string kGood = R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster: {server: "https://127.0.0.1:6443/base/", certificate-authority-data: YWJj, tls-server-name: api.example}
- name: c2
  cluster: {server: "http://127.0.0.1:8080", insecure-skip-tls-verify: true}
users:
- name: u1
  user: {token: secret}
- name: u2
  user: {client-certificate: /c.pem, client-key-data: YQ==, tokenFile: /t}
- name: u3
  user: {exec: {command: login}}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: team}
- name: two
  context: {cluster: c2, user: u2}
- name: three
  context: {cluster: c1, user: u3}
- name: four
  context: {cluster: nowhere, user: u1}
)";

std::string error_of(const std::string& text, const std::string& context = {}) {
  const auto access = kube::parse_kubeconfig(text, context);
  return access ? "none" : access.error();
}

}  // namespace

TEST_CASE("a kubeconfig says where the server is and who we are to it") {
  const auto one = kube::parse_kubeconfig(kGood, "");
  REQUIRE(one.has_value());
  CHECK(one->server.host == "127.0.0.1");
  CHECK(one->server.port == 6443);
  CHECK(one->server.target == "/base");
  CHECK(one->ca_pem == "abc");
  CHECK(one->tls_server_name == "api.example");
  CHECK(one->token == "secret");
  CHECK(one->ns == "team");
  CHECK_FALSE(one->insecure);
  const auto two = kube::parse_kubeconfig(kGood, "two");
  REQUIRE(two.has_value());
  CHECK(two->insecure);
  CHECK(two->client_certificate_file == "/c.pem");
  CHECK(two->client_key_pem == "a");
  CHECK(two->token_file == "/t");
}

TEST_CASE("what is wrong with a kubeconfig is said in one line, without a secret") {
  struct Row {
    const char* name;
    std::string text;
    std::string context;
    std::string line;
  };
  const std::vector<Row> rows{
      {"no such context", kGood, "five", "contexts: none named \"five\""},
      {"no such cluster", kGood, "four", "clusters: none named \"nowhere\""},
      {"a program that logs in", kGood, "three",
       "users \"u3\": exec and auth-provider are not supported, expected a token or a certificate"},
      {"empty", "", "", "not a kubeconfig, expected a mapping"},
      {"no context", "clusters: []", "", "no current-context"},
      {"a list", "- 1", "", "not a kubeconfig, expected a mapping"},
      {"not YAML", "a: [1, 2\nb: {", "", "line "},
      {"server of another scheme",
       "current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: "
       "{server: "
       "ftp://x}}]",
       "", "server: found \"ftp://x\", expected an http or https URL"},
      {"base64 that is none",
       "current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: "
       "{server: "
       "http://x, certificate-authority-data: '***'}}]",
       "", "certificate-authority-data: not base64"},
      {"wrong type",
       "current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: "
       "{server: "
       "http://x, insecure-skip-tls-verify: maybe}}]",
       "", "not a kubeconfig: a member has the wrong type"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string line = error_of(row.text, row.context);
    CHECK(line.substr(0, row.line.size()) == row.line);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("plain scalars have the types of YAML's core schema, quoted ones are text") {
  struct Row {
    const char* text;
    const char* json;
  };
  for (const Row& row : {Row{"1", "1"}, Row{"'1'", "\"1\""}, Row{"\"true\"", "\"true\""}, Row{"true", "true"},
                         Row{"~", "null"}, Row{"1.5", "1.5"}, Row{"15s", "\"15s\""}, Row{"+3", "3"},
                         Row{"", "null"}, Row{"{a: [1, x], \"b\": {}}", R"({"a":[1,"x"],"b":{}})"},
                         Row{"{\"json\": [true, null]}", R"({"json":[true,null]})"}}) {
    INFO(row.text);
    const auto parsed = kube::parse_yaml(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->dump() == row.json);
  }
  std::string deep(200, '[');
  CHECK_FALSE(kube::parse_yaml(deep + std::string(200, 0x5d)).has_value());
}

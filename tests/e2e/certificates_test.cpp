// What other TLS clients see of Slack's certificate: the one that was asked for, changed while it serves.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

Ran openssl(const Serve& world) {
  const Json& slack = world.ready().at("slack");
  return run({"openssl", "s_client", "-connect", fmt::format("127.0.0.1:{}", slack["port"].get<int>()),
              "-servername", slack["host"], "-verify_hostname", slack["host"], "-CAfile", world.ca_file(),
              "-crl_check", "-CRL", world.revocations_file(), "-cipher", "DEFAULT@SECLEVEL=2"});
}

Ran curl(const Serve& world) {
  return run({"curl", "-sS", "--max-time", "10", "--cacert", world.ca_file(), "--crlfile",
              world.revocations_file(), "-X", "POST", "-H", "content-type: application/json", "-d",
              R"({"text":"hello"})", world.ready().at("slack").at("webhook")});
}

TEST_CASE("openssl and curl see the certificate that was asked for, changed by PUT /faults while it serves") {
  Serve world;
  struct Row {
    const char* certificate;
    const char* openssl;  // the verdict
    int curl;             // exit status
    const char* complaint;
  };
  for (const Row& row :
       {Row{"expired", "10 (certificate has expired)", 60, "expired"},
        Row{"wrong-host", "62 (hostname mismatch)", 60, "no alternative certificate subject name"},
        Row{"self-signed", "num=18:self-signed certificate", 60, "self-signed"},
        Row{"unknown-authority", "(unable to ", 60, "unable to get local issuer"},
        Row{"not-yet-valid", "9 (certificate is not yet valid)", 60, "not yet valid"},
        Row{"wildcard-too-wide", "62 (hostname mismatch)", 60, "no alternative certificate subject name"},
        Row{"reversed-chain", "num=26:unsuitable certificate purpose", 60, "unsuitable certificate purpose"},
        Row{"revoked", "23 (certificate revoked)", 60, "certificate revoked"},
        Row{"wrong-key-usage", "26 (unsuitable certificate purpose)", 60, "unsuitable certificate purpose"},
        Row{"weak-key", "66 (EE certificate key too weak)", 60, "key too weak"},
        Row{"sha1-signature", "68 (CA signature digest algorithm too weak)", 60, "digest algorithm too weak"},
        Row{"good", "0 (ok)", 0, "ok"}}) {
    const HttpAnswer set = world.set_faults({{"slack", {{"certificate", row.certificate}}}});
    const Ran by_openssl = openssl(world), by_curl = curl(world);
    INFO(row.certificate << ": " << set.body << report(by_openssl) << report(by_curl) << world.log());
    CHECK(set.status == 200);
    CHECK(http(world.control(), "GET", "/faults").json()["slack"]["certificate"] == row.certificate);
    CHECK(by_openssl.output.find(std::string("Verify return code: ")) != std::string::npos);
    CHECK(by_openssl.output.find(row.openssl) != std::string::npos);
    CHECK(by_curl.status == row.curl);
    CHECK(by_curl.output.find(row.complaint) != std::string::npos);
  }
  CHECK(world.delivered().size() == 1);
}

TEST_CASE("a wrong PUT /faults says what is wrong and changes nothing") {
  Serve world({"--slack-certificate", "expired"});
  const HttpAnswer refused = world.set_faults({{"slack", {{"certificate", "rusty"}}}});
  INFO(refused.body << world.log());
  CHECK(refused.status == 400);
  CHECK(refused.body.find("rusty") != std::string::npos);
  CHECK(http(world.control(), "PUT", "/faults", "{").status == 400);
  CHECK(http(world.control(), "GET", "/faults").json()["slack"]["certificate"] == "expired");
  CHECK(http(world.control(), "DELETE", "/faults").status == 200);
  CHECK(http(world.control(), "GET", "/faults")
            .json()
            .value("slack", Json::object())
            .value("certificate", "good") == "good");
}

}  // namespace
}  // namespace racebed::tests

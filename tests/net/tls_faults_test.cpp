// Every way in which a server can spoil a TLS handshake, and what the client calls it. No row makes an error
// up: the certificate, the version or the cut connection is real, and OpenSSL judges it.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/net/slack_world.hpp"
#include "tests/support/certificates.hpp"

using namespace racebed;
using namespace racebed::tests;
using namespace std::chrono_literals;
using models::ChainKind;
using Server = models::TlsVerdict::Server;
using StopAt = models::TlsVerdict::StopAt;
using StopHow = models::TlsVerdict::StopHow;

namespace {

SlackWorld world_with(models::TlsVerdict verdict) {
  SlackWorld world;
  world.weather.on_tls = [verdict](std::uint64_t) { return verdict; };
  return world;
}

std::string client_says(const SlackWorld& world) {
  const std::string all = play(world, posts(world));
  return all.substr(0, all.find('\n'));
}

}  // namespace

TEST_CASE("every bad chain is refused by its own class, in words that name the cause") {
  struct Row {
    ChainKind kind;
    const char* error_class;
    const char* cause;
  };
  const std::vector<Row> table = {
      {ChainKind::expired, "tls-expired", "certificate has expired"},
      {ChainKind::not_yet_valid, "tls-not-yet-valid", "certificate is not yet valid"},
      {ChainKind::wrong_host, "tls-host-mismatch", "hostname mismatch (it is for other.example)"},
      {ChainKind::self_signed, "tls-self-signed", "self-signed certificate"},
      {ChainKind::unknown_authority, "tls-unknown-authority", "unable to get local issuer certificate"},
      {ChainKind::expired_intermediate, "tls-expired", "certificate has expired"},
      {ChainKind::missing_intermediate, "tls-unknown-authority", "unable to get local issuer certificate"},
      {ChainKind::wildcard_too_wide, "tls-host-mismatch",
       "hostname mismatch (it is for *.example, *.*.example)"},
      {ChainKind::reversed_chain, "tls-other",
       "unsuitable certificate purpose (an authority's certificate comes first: the chain is in the wrong "
       "order)"},
      {ChainKind::revoked, "tls-other", "certificate revoked"},
      {ChainKind::wrong_key_usage, "tls-other", "unsuitable certificate purpose"},
      {ChainKind::weak_key, "tls-other", "EE certificate key too weak"},
      {ChainKind::sha1_signature, "tls-other", "CA signature digest algorithm too weak"},
  };
  for (const Row& row : table) {
    CAPTURE(to_text(row.kind));
    CHECK(client_says(world_with({.chain = row.kind})) ==
          fmt::format("{} (not sent): hooks.slack.example: certificate verification failed: {}",
                      row.error_class, row.cause));
  }
  std::size_t good = 0;
  for (ChainKind kind : {ChainKind::good, ChainKind::expires_soon, ChainKind::renewed}) {
    CAPTURE(to_text(kind));
    CHECK(client_says(world_with({.chain = kind})) == "200 [ok]");
    ++good;
  }
  CHECK(table.size() + good == models::kChainKinds.size());
}

TEST_CASE("a revoked certificate is good for a client that has no revocation list") {
  SlackWorld world = world_with({.chain = ChainKind::revoked});
  world.check_revocation = false;
  CHECK(client_says(world) == "200 [ok]");
}

TEST_CASE("what is no revocation list is no credential") {
  const net::TlsCredentials wrong{.roots_pem = authority().root_pem(), .revocations_pem = "no list"};
  CHECK(net::trust_roots_from(wrong).error() == "no revocation list can be read, expected lists in PEM");
}

TEST_CASE("a server that cannot agree with its clients is a matter of protocol, not of certificates") {
  struct Row {
    Server server;
    const char* expected;
    const char* seen_by_server;
  };
  for (
      const Row& row : {
          Row{Server::old_protocol,
              "tls-protocol (not sent): hooks.slack.example: TLS handshake failed: tlsv1 alert protocol "
              "version (SSL routines)",
              "[] unsupported protocol (SSL routines)"},
          Row{Server::rare_cipher,
              "tls-protocol (not sent): hooks.slack.example: TLS handshake failed: sslv3 alert handshake "
              "failure (SSL routines)",
              "[] no shared cipher (SSL routines)"},
          Row{Server::plain_http,
              "tls-protocol (not sent): hooks.slack.example: TLS handshake failed: wrong version number (SSL "
              "routines)",
              "[] the server speaks no TLS"},
          Row{Server::garbage,
              "tls-protocol (not sent): hooks.slack.example: TLS handshake failed: wrong version number (SSL "
              "routines)",
              "[] the server speaks no TLS"},
          // The client's handshake is over when it learns this: its first read tells.
          Row{Server::demands_client_certificate,
              "tls-other (not sent): hooks.slack.example: the server refuses this client for its "
              "certificate or for having none: tlsv13 alert certificate required (SSL routines)",
              "[good] peer did not return a certificate (SSL routines)"},
      }) {
    CAPTURE(row.expected);
    const SlackWorld world = world_with({.server = row.server});
    CHECK(play(world, posts(world)) ==
          fmt::format("{}\n  connection 1 {}\n", row.expected, row.seen_by_server));
  }
}

TEST_CASE("a handshake that stops anywhere is a broken or a slow connection, never a bad certificate") {
  struct Row {
    StopAt at;
    const char* closed;
    const char* reset;
    const char* silent;
  };
  const char* kClosed =
      "reset (not sent): hooks.slack.example: the connection was closed during the TLS handshake";
  const char* kReset =
      "reset (not sent): hooks.slack.example: TLS handshake failed: Connection reset by peer";
  const char* kSilent = "connect-timeout (not sent): hooks.slack.example: TLS handshake timed out";
  // From here on the client has sent its request and cannot know whether it was read.
  const char* kLateClosed = "reset: hooks.slack.example: connection broken: stream truncated";
  const char* kLateReset = "reset: hooks.slack.example: connection broken: Connection reset by peer";
  const char* kLateSilent = "read-timeout: hooks.slack.example: timed out waiting for an answer";
  for (const Row& row : {
           Row{StopAt::accept, kClosed, kReset, kSilent},
           Row{StopAt::client_hello, kClosed, kReset, kSilent},
           Row{StopAt::server_hello, kClosed, kReset, kSilent},
           Row{StopAt::certificate, kClosed, kReset, kSilent},
           Row{StopAt::flight, kLateClosed, kLateReset, kLateSilent},
           Row{StopAt::established, kLateClosed, kLateReset, kLateSilent},
       }) {
    CAPTURE(static_cast<int>(row.at));
    for (const auto& [how, expected] :
         {std::pair{StopHow::close, row.closed}, std::pair{StopHow::reset, row.reset},
          std::pair{StopHow::silence, row.silent}}) {
      CAPTURE(static_cast<int>(how));
      const SlackWorld world = world_with({.stop_at = row.at, .stop_how = how});
      const std::string story = play(world, posts(world));
      CHECK(story.substr(0, story.find('\n')) == expected);
      CHECK(story.find("delivered") == std::string::npos);
    }
  }
}

TEST_CASE("a slow handshake succeeds within its time and is a time-out beyond it") {
  CHECK(client_says(world_with({.delay = 4s})) == "200 [ok]");
  CHECK(client_says(world_with({.delay = 6s})) ==
        "connect-timeout (not sent): hooks.slack.example: TLS handshake timed out");
}

TEST_CASE("a certificate swapped in mid-run concerns new connections only") {
  SlackWorld world;
  world.weather.on_tls = [](std::uint64_t connection) {
    return models::TlsVerdict{.chain = connection == 1 ? ChainKind::good : ChainKind::expired};
  };
  // Three over the pooled connection; idle for more than a minute it is closed, and the next one is new.
  CHECK(
      play(world, posts(world, 3, 20s)) ==
      "200 [ok]\n200 [ok]\n200 [ok]\n"
      "  connection 1 [good] ok\n  delivered a over 1\n  answered 200\n  delivered a over 1\n  answered 200\n"
      "  delivered a over 1\n  answered 200\n");
  CHECK(play(world, posts(world, 2, 70s)) ==
        "200 [ok]\n"
        "tls-expired (not sent): hooks.slack.example: certificate verification failed: certificate has "
        "expired\n"
        "  connection 1 [good] ok\n  delivered a over 1\n  answered 200\n"
        "  connection 2 [expired] sslv3 alert certificate expired (SSL routines)\n");
}

TEST_CASE("a certificate that expires while a pooled connection lives is noticed by the next connection") {
  SlackWorld world = world_with({.chain = ChainKind::expires_soon});  // 90 s from now
  CHECK(play(world, posts(world, 4, 40s)) ==
        "200 [ok]\n200 [ok]\n200 [ok]\n200 [ok]\n"
        "  connection 1 [expires-soon] ok\n"
        "  delivered a over 1\n  answered 200\n  delivered a over 1\n  answered 200\n"
        "  delivered a over 1\n  answered 200\n  delivered a over 1\n  answered 200\n");
  const std::string late = play(world, posts(world, 2, 100s));
  CHECK(late.find("certificate has expired\n") != std::string::npos);
  // Renewed in time: the same pause, and nobody notices.
  world.weather.on_tls = [](std::uint64_t connection) {
    return models::TlsVerdict{.chain = connection == 1 ? ChainKind::expires_soon : ChainKind::renewed};
  };
  CHECK(play(world, posts(world, 2, 100s)) ==
        "200 [ok]\n200 [ok]\n"
        "  connection 1 [expires-soon] ok\n  delivered a over 1\n  answered 200\n"
        "  connection 2 [renewed] ok\n  delivered a over 2\n  answered 200\n");
}

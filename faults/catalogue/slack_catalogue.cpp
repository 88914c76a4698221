// What Slack's endpoint, or whoever stands in its place, can do wrong: certificates, handshakes, answers.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo tls(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters = {}) {
  return {id, "tls", Place::slack, true, stands_for, std::move(parameters)};
}
FaultInfo http(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters = {}) {
  return {id, "http", Place::slack, true, stands_for, std::move(parameters)};
}

std::vector<FaultInfo> tls_catalogue() {
  return {
      tls("tls-expired", "the renewal of a certificate was forgotten: its leaf has expired"),
      tls("tls-not-yet-valid",
          "a certificate was installed before its time, or the issuer's clock ran ahead"),
      tls("tls-wrong-host", "a proxy or a wrong virtual host answers with a certificate for another name"),
      tls("tls-wildcard-too-wide",
          "a certificate whose wildcard covers more than one label, which no client "
          "may accept (RFC 6125 section 6.4.3)"),
      tls("tls-self-signed", "an appliance in the path presents a certificate that signed itself"),
      tls("tls-unknown-authority",
          "a company proxy opens TLS and signs with a root that the pod does not trust"),
      tls("tls-expired-intermediate", "the issuing authority's own certificate has expired"),
      tls("tls-missing-intermediate", "a server was configured with its leaf alone"),
      tls("tls-reversed-chain", "a server was configured with its chain in the wrong order"),
      tls("tls-revoked", "a stolen key: the authority has revoked the certificate"),
      tls("tls-wrong-key-usage", "a certificate for clients is used for a server"),
      tls("tls-weak-key", "an old certificate with an RSA key of 1024 bits"),
      tls("tls-sha1-signature", "an old certificate signed with SHA-1"),
      tls("tls-no-common-protocol", "a server that only speaks versions of TLS that the client refuses"),
      tls("tls-no-common-cipher", "a server that only offers ciphers that the client refuses"),
      tls("tls-client-certificate", "a server that demands a certificate of the client"),
      tls("tls-handshake-cut", "a load balancer drops the connection in the middle of the handshake",
          {word("after", {"accept", "client-hello", "server-hello", "certificate", "flight", "established"},
                "how far the handshake comes"),
           word("how", {"close", "reset", "silence"}, "how it ends there")}),
      tls("tls-slow-handshake", "a server that takes its time before it looks at a connection",
          {duration("delay", 10min, 3s, "before its first look")}),
      tls("tls-garbage-hello", "something that does not speak TLS answers on the port",
          {word("what", {"http", "bytes"}, "what comes instead of the server's hello")}),
      tls("tls-swapped",
          "a certificate is replaced in mid-run: new connections see another chain than those "
          "that are open",
          {word("chain", {"expired", "wrong-host", "self-signed", "unknown-authority"}, "which one")}),
      tls("tls-expires-while-pooled",
          "a certificate expires while connections that saw it valid live on in the "
          "pool"),
  };
}

std::vector<FaultInfo> http_catalogue() {
  return {
      http("http-status", "the endpoint, or a proxy before it, refuses requests",
           {integer("status", 300, 599, 503, "the answer's status"),
            duration("retry_after", 48h, 0s, "the answer's Retry-After, in whole seconds; 0s: none"),
            word("retry_after_form", {"seconds", "date"}, "how Retry-After is written"),
            word("page", {"short", "proxy", "huge"},
                 "the answer's body: a word, a proxy's page about its own troubles, or such a page of 256 "
                 "KiB")}),
      http("http-captive-page",
           "something in the path answers in the endpoint's place: 200, and a page for people"),
      http("http-redirect", "the endpoint has moved, or a proxy wants people to sign in",
           {integer("status", 301, 308, 302, "the answer's status"),
            word("to", {"nowhere", "page"}, "what is there: nothing (404), or a page for people (200)")}),
      http("http-rate-limited", "the endpoint throttles: 429",
           {duration("retry_after", 48h, 0s, "the answer's Retry-After, in whole seconds; 0s: none"),
            word("retry_after_form", {"seconds", "date"}, "how Retry-After is written")}),
      http("http-slow-headers", "an overloaded endpoint: the answer comes late",
           {duration("delay", 1h, 5s, "before the answer's first byte"),
            word("accepts", {"before", "after"},
                 "whether the message is accepted before or after the delay")}),
      http("http-slow-body", "an answer that drips",
           {duration("delay", 10min, 1s, "between two bytes"),
            word("what", {"body", "all"}, "the answer's body, or its headers, too")}),
      http("http-body-stalled", "an answer begins and does not go on; the connection stays open",
           {word("where", {"body", "head"}, "where it stops: in the body, or in the headers")}),
      http("http-body-cut", "the connection closes in the middle of the answer's body",
           {word("how", {"close", "reset"}, "with FIN or with RST")}),
      http("http-wrong-length", "an answer whose Content-Length is not its body's length",
           {word("which", {"too-long", "too-short"}, "more is announced than comes, or less")}),
      http("http-malformed", "an answer that is not what Slack says, with status 200",
           {word("how", {"html", "broken-json", "huge-head", "not-http"}, "what it is instead")}),
      http("http-interim-answers", "a proxy says 100 Continue and 103 Early Hints before the answer"),
      http("http-huge-body", "an answer of a MiB, with status 200"),
      http("http-says-not-ok", "status 200 and a body that says ok: false (the Web API)",
           {word("error", {"ratelimited", "internal_error", "channel_not_found", "invalid_auth"},
                 "Slack's word")}),
      http("http-fails-after-acceptance", "the message is accepted, the answer says that it failed",
           {integer("status", 400, 599, 500, "the answer's status")}),
      http("http-history-fails", "Slack's history is not available, its posting is",
           {integer("status", 400, 599, 503, "the answer's status"),
            duration("retry_after", 48h, 0s, "the answer's Retry-After, in whole seconds; 0s: none"),
            word("retry_after_form", {"seconds", "date"}, "how Retry-After is written")}),
      http("http-answer-lost", "the message is accepted, the connection breaks before the answer",
           {word("how", {"close", "reset"}, "with FIN or with RST")}),
      http("http-dropped", "the connection breaks before the message is accepted",
           {word("how", {"close", "reset"}, "with FIN or with RST")}),
      http("http-closed-at-reuse", "a kept-alive connection is closed at the moment of its reuse",
           {word("how", {"close", "reset"}, "with FIN or with RST")}),
  };
}

}  // namespace

std::vector<FaultInfo> slack_catalogue() {
  std::vector<FaultInfo> all = tls_catalogue();
  const std::vector<FaultInfo> more = http_catalogue();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace racebed::faults

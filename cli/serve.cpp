#include "cli/serve.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "experiments/live/fake_world.hpp"
#include "experiments/scenario/load.hpp"
#include "live/process.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using experiments::InputError;

constexpr std::size_t kFactsKept = 100'000;

struct ServeOptions {
  experiments::FakeWorldOptions world;
  std::string bind = "127.0.0.1";
  std::string kubeconfig_file;
  std::string ready_file;
  nlohmann::json faults = nlohmann::json::object();
};

std::optional<std::uint16_t> port_of(const std::string& text, const char* option) {
  if (text == "off") return std::nullopt;
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 0 || port > 65535) {
    throw InputError(
        fmt::format("{}: found \"{}\", expected a port from 0 (a free one) to 65535, or off", option, text));
  }
  return static_cast<std::uint16_t>(port);
}

/// The first line of a file that holds one secret.
std::string secret_of(const std::string& file) {
  std::string text = read_file(file);
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty())
    throw InputError(fmt::format("{}: found nothing, expected a token on the first line", file));
  return text;
}

ServeOptions parse_serve(const std::vector<std::string>& arguments) {
  ServeOptions options;
  std::string http = "0", https = "0", slack = "0", control = "0", token_file, certificate, faults_file;
  bool plain_slack = false;
  po::options_description named;
  named.add_options()("port", po::value(&http))("https-port", po::value(&https))(
      "slack-port", po::value(&slack))("control-port", po::value(&control))("bind", po::value(&options.bind))(
      "slack-host", po::value(&options.world.slack_host))("slack-certificate", po::value(&certificate))(
      "plain-slack", po::bool_switch(&plain_slack))("front-ends", po::value(&options.world.front_ends))(
      "token-file", po::value(&token_file))("faults", po::value(&faults_file))(
      "kubeconfig", po::value(&options.kubeconfig_file))("ready-file", po::value(&options.ready_file));
  parse_arguments(arguments, named, {});
  options.world.http_port = port_of(http, "--port");
  options.world.https_port = port_of(https, "--https-port");
  options.world.slack_port = port_of(slack, "--slack-port");
  options.world.control_port = port_of(control, "--control-port");
  options.world.slack_tls = !plain_slack;
  options.world.address = options.bind;
  if (options.world.front_ends < 1 || options.world.front_ends > 16)
    throw InputError(fmt::format("--front-ends: found {}, expected 1 to 16", options.world.front_ends));
  if (!token_file.empty()) options.world.token = secret_of(token_file);
  if (!faults_file.empty()) {
    options.faults = nlohmann::json::parse(read_file(faults_file), nullptr, false);
    if (options.faults.is_discarded())
      throw InputError(fmt::format("{}: not JSON, expected an object", faults_file));
  }
  if (!certificate.empty()) options.faults["slack"]["certificate"] = certificate;
  return options;
}

nlohmann::json ready_document(const experiments::FakeWorld& world, const experiments::FakeWorldPorts& ports,
                              const ServeOptions& options) {
  nlohmann::json ready{{"caPem", world.ca_pem()}, {"kubeconfig", world.kubeconfig()}};
  const auto url = [&](const char* scheme, std::uint16_t port) {
    return fmt::format("{}://{}:{}", scheme, options.bind, port);
  };
  if (ports.http != 0) ready["http"] = url("http", ports.http);
  if (ports.https != 0) ready["https"] = url("https", ports.https);
  if (ports.slack != 0) {
    ready["slack"] = {{"port", ports.slack},
                      {"host", options.world.slack_host},
                      {"webhook", world.slack_webhook_url()},
                      {"api", world.slack_api_url()},
                      {"token", "xoxb-racebed-0001"},
                      {"channel", "C0NOTIFY"}};
  }
  if (ports.control != 0) ready["control"] = url("http", ports.control);
  return ready;
}

void announce(const experiments::FakeWorld& world, const nlohmann::json& ready, const ServeOptions& options) {
  std::string text;
  if (ready.contains("https")) text += fmt::format("API server  {}\n", ready["https"].get<std::string>());
  if (ready.contains("http")) text += fmt::format("API server  {}\n", ready["http"].get<std::string>());
  if (ready.contains("slack")) {
    text +=
        fmt::format("Slack       {}\n            {}  (token {}, channel {})\n",
                    ready["slack"]["webhook"].get<std::string>(), ready["slack"]["api"].get<std::string>(),
                    ready["slack"]["token"].get<std::string>(), ready["slack"]["channel"].get<std::string>());
  }
  if (ready.contains("control")) {
    const std::string control = ready["control"];
    text += fmt::format(
        "control     {0}\n"
        "            curl -X PUT {0}/faults -d '{{\"slack\": {{\"certificate\": \"expired\"}}}}'\n"
        "            curl {0}/ledger?kind=delivered\n",
        control);
  }
  if (options.kubeconfig_file.empty()) {
    text +=
        "kubeconfig, for `kubectl --kubeconfig FILE` (or give --kubeconfig FILE to have it written):\n---\n" +
        world.kubeconfig();
  } else {
    text += fmt::format("kubeconfig  {0}\n            kubectl --kubeconfig {0} get notificationrequests\n",
                        options.kubeconfig_file);
  }
  fmt::print("{}", text);
  std::fflush(stdout);
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
  const ServeOptions options = parse_serve(arguments);
  live::Loop loop;
  live::Process process(loop, {.name = "serve", .network = {.bind_address = options.bind}});
  models::Ledger ledger([&] { return process.runtime().clock.now(); }, kFactsKept);
  experiments::FakeWorld world(process.runtime(), ledger, options.world);
  if (const std::string wrong = world.set_faults(options.faults); !wrong.empty())
    throw InputError("--faults: " + wrong);
  const auto ports = world.listen();
  if (!ports) throw InputError(fmt::format("cannot listen on {}: {}", options.bind, ports.error()));
  const nlohmann::json ready = ready_document(world, *ports, options);
  if (!options.kubeconfig_file.empty()) write_file(options.kubeconfig_file, world.kubeconfig());
  announce(world, ready, options);
  if (!options.ready_file.empty()) write_file(options.ready_file, ready.dump(2) + "\n");

  int signals = 0;
  loop.on_termination([&](int) {
    if (++signals > 1) return loop.stop();
    fmt::print(stderr, "serve: draining, a second signal ends it at once\n");
    world.drain();
  });
  std::exception_ptr failure;
  process.start([&world](Runtime&) { return world.run(); },
                [&](std::exception_ptr ended) {
                  failure = ended;
                  loop.stop();
                });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return kHolds;
}

const char* const kServeHelp = R"(racebed serve [OPTIONS]

The fake world on real sockets, for kubectl, other clients and `racebed controller`: an API server
over HTTP and HTTPS, Slack over TLS beside it, and a control port. Everything is in memory; at the
start there are four namespaces and the kind NotificationRequest. It ends on SIGTERM or Ctrl-C:
watches end, requests under way are answered.

  --port N                 API server, plain HTTP (each port: 0, the default, picks a free one;
  --https-port N           API server, HTTPS      off: not served)
  --slack-port N           Slack
  --control-port N         faults and ledger, HTTP
  --bind ADDRESS           where to listen (default 127.0.0.1: this machine only)
  --slack-host NAME        the name in Slack's certificate (default localhost)
  --slack-certificate KIND good, expired, not-yet-valid, wrong-host, self-signed, unknown-authority,
                           expired-intermediate, missing-intermediate, wildcard-too-wide,
                           reversed-chain, revoked, wrong-key-usage, weak-key, sha1-signature,
                           expires-soon or renewed
  --plain-slack            Slack without TLS
  --faults FILE            how Slack and the API server misbehave from the start; JSON as below
  --front-ends N           API servers over one store, 1 to 16; connections take turns (default 1)
  --token-file FILE        API requests must carry this bearer token
  --kubeconfig FILE        write the kubeconfig here instead of printing it
  --ready-file FILE        write ports and addresses here, as JSON, once it listens

While it runs, on the control port:
  PUT /faults      {"slack": {"certificate": "expired"}}
                   {"slack": {"outcome": "refuse", "status": 429, "retryAfterSeconds": 2}}
                   {"api": {"outcome": "refuse", "status": 500, "methods": ["PUT"], "count": 3}}
  DELETE /faults   calm again
  GET /ledger      what really happened; ?kind=delivered: what Slack accepted, ?after=N: what is new
  POST /compact    forget old revisions: watches that resume from them get 410 Gone
)";

}  // namespace racebed::cli

#include "cli/controller.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/controller_config.hpp"
#include "cli/files.hpp"
#include "core/kube/http_transport.hpp"
#include "core/kube/kubeconfig.hpp"
#include "core/kube/yaml.hpp"
#include "core/net/http_server.hpp"
#include "core/notification/controller.hpp"
#include "experiments/scenario/load.hpp"
#include "live/process.hpp"
#include "runtime/task_group.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using experiments::InputError;
using nlohmann::json;

struct Options {
  ControllerConfig config;
  kube::ClusterAccess access;
  std::string access_from;  // for messages
  std::string ready_file;
};

std::string first_line(const std::string& file, const char* what) {
  std::string text = read_file(file);
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty())
    throw InputError(fmt::format("{}: found nothing, expected {} on the first line", file, what));
  return text;
}

/// How a pod reaches its cluster (Kubernetes documentation, "Accessing the Kubernetes API from a Pod").
std::optional<kube::ClusterAccess> in_cluster() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr) return std::nullopt;
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  kube::ClusterAccess access;
  const auto url = net::parse_url(fmt::format("https://{}:{}", host, port));
  if (!url)
    throw InputError(
        fmt::format("KUBERNETES_SERVICE_HOST, _PORT: found {}:{}, expected an address", host, port));
  access.server = *url;
  access.ca_file = folder + "ca.crt";
  access.token_file = folder + "token";
  return access;
}

void find_cluster(Options& options, const po::variables_map& values) {
  const auto text = [&](const char* name) {
    return values.count(name) != 0 ? values[name].as<std::string>() : std::string();
  };
  const std::string server = text("server");
  std::string kubeconfig = text("kubeconfig");
  if (!server.empty() && !kubeconfig.empty())
    throw InputError("--server and --kubeconfig: found both, expected one");
  if (!server.empty()) {
    const auto url = net::parse_url(server);
    if (!url) throw InputError(fmt::format("--server: found \"{}\", expected an http or https URL", server));
    options.access.server = *url;
    options.access_from = "--server";
  } else if (kubeconfig.empty() && std::getenv("KUBECONFIG") == nullptr && in_cluster()) {
    options.access = *in_cluster();
    options.access_from = "the pod's service account";
  } else {
    if (kubeconfig.empty() && std::getenv("KUBECONFIG") != nullptr) kubeconfig = std::getenv("KUBECONFIG");
    if (kubeconfig.empty()) throw InputError("no API server, expected --kubeconfig FILE or --server URL");
    auto access = kube::parse_kubeconfig(read_file(kubeconfig), text("context"));
    if (!access) throw InputError(fmt::format("{}: {}", kubeconfig, access.error()));
    options.access = std::move(*access);
    options.access_from = kubeconfig;
  }
  if (!text("token-file").empty()) options.access.token_file = text("token-file");
  if (!text("ca-file").empty()) options.access.ca_file = text("ca-file");
}

Options parse_controller(const std::vector<std::string>& arguments) {
  po::options_description named;
  for (const char* name :
       {"kubeconfig", "context", "server", "token-file", "ca-file", "config", "ready-file"})
    named.add_options()(name, po::value<std::string>());
  for (const ConfigKey& key : config_keys()) named.add_options()(key.path.c_str(), po::value<std::string>());
  for (const std::string& argument : arguments) {
    for (const char* secret : {"--token", "--slack.token", "--slack.webhookUrl"}) {
      const std::string name = argument.substr(0, argument.find('='));
      if (name == secret)
        throw InputError(fmt::format(
            "{}: found a secret on the command line, where every process can read it; expected {}File "
            "or -file with the name of a file",
            secret, secret));
    }
  }
  const po::variables_map values = parse_arguments(arguments, named, {});
  Options options;
  if (values.count("config") != 0) {
    const std::string file = values["config"].as<std::string>();
    const auto document = kube::parse_yaml(read_file(file));
    if (!document) throw InputError(fmt::format("{}: {}", file, document.error()));
    apply_document(options.config, file, *document);
  }
  for (const ConfigKey& key : config_keys()) {
    if (values.count(key.path) == 0) continue;
    const std::string text = values[key.path].as<std::string>();
    const auto scalar = kube::parse_yaml(text);
    std::string expected = set_key(options.config, key.path, text);
    if (!expected.empty() && scalar) expected = set_key(options.config, key.path, *scalar);
    if (!expected.empty())
      throw InputError(fmt::format("--{}: found \"{}\", expected {}", key.path, text, expected));
  }
  find_cluster(options, values);
  if (values.count("ready-file") != 0) options.ready_file = values["ready-file"].as<std::string>();
  return options;
}

std::string content(const std::string& pem, const std::string& file) {
  return file.empty() ? pem : read_file(file);
}

kube::HttpTransportOptions transport_options(const Options& options) {
  const kube::ClusterAccess& access = options.access;
  kube::HttpTransportOptions transport;
  transport.server = access.server;
  transport.server_name = access.tls_server_name;
  transport.token = access.token;
  transport.token_file = access.token_file;
  if (!access.token_file.empty()) transport.token = first_line(access.token_file, "a token");
  if (access.server.scheme != "https") return transport;
  auto roots = net::trust_roots_from(
      {.roots_pem = content(access.ca_pem, access.ca_file),
       .client_certificate_pem = content(access.client_certificate_pem, access.client_certificate_file),
       .client_key_pem = content(access.client_key_pem, access.client_key_file),
       .verify = !access.insecure});
  if (!roots) throw InputError(fmt::format("{}: {}", options.access_from, roots.error()));
  transport.roots = std::move(*roots);
  return transport;
}

/// The core's own configuration, with the secrets read in.
notification::Config core_config(const ControllerConfig& config, Runtime& runtime) {
  notification::Config core = config.controller;
  core.slack.http.roots = nullptr;
  if (!config.slack_webhook_file.empty())
    core.slack.webhook_url = first_line(config.slack_webhook_file, "a URL");
  if (!config.slack_token_file.empty()) core.slack.token = first_line(config.slack_token_file, "a token");
  if (core.slack.is_configured()) {
    net::TlsCredentials trusted{.roots_pem = read_file(config.slack_ca_file)};
    if (!net::trust_roots_from_pem(trusted.roots_pem))
      throw InputError(
          fmt::format("slack.caFile: found no certificate in {}, expected PEM", config.slack_ca_file));
    if (!config.slack_revocations_file.empty())
      trusted.revocations_pem = read_file(config.slack_revocations_file);
    auto roots = net::trust_roots_from(trusted);
    if (!roots)
      throw InputError(
          fmt::format("slack.revocationsFile: {}: {}", config.slack_revocations_file, roots.error()));
    core.slack.http.roots = std::move(*roots);
  }
  if (core.election.identity.empty()) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    core.election.identity = fmt::format("{}_{}", host.data(), uuid_v4(runtime.random, "identity"));
  }
  if (const std::string wrong = notification::check(core); !wrong.empty()) throw InputError(wrong);
  return core;
}

class StderrLog final : public obs::LogSink {
 public:
  explicit StderrLog(bool as_json) : json_(as_json) {}
  void line(obs::Level level, std::string_view text) override {
    static constexpr const char* kNames[] = {"debug", "info", "warning", "error", "off"};
    if (json_) {
      const json line{{"level", kNames[static_cast<std::size_t>(level)]}, {"text", std::string(text)}};
      fmt::print(stderr, "{}\n", line.dump(-1, ' ', false, json::error_handler_t::replace));
    } else {
      fmt::print(stderr, "{}\n", text);
    }
  }

 private:
  bool json_;
};

/// Console and log channel: lines of standard output.
class StdoutSink final : public notification::TextSink {
 public:
  Result<void> write(std::string_view text) override {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                         std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
    if (!written) return ErrorCode(errno, boost::system::system_category());
    return {};
  }
};

class AuditFile final : public notification::AuditSink {
 public:
  explicit AuditFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    file_.open(path, std::ios::app | std::ios::binary);
    if (!file_) throw InputError(fmt::format("audit.file: {}: cannot be written", path));
  }
  bool record(const notification::AuditRecord& record) override {
    file_.clear();
    const json line{{"event", to_text(record.event)},
                    {"key", record.idempotency_key()},
                    {"uid", record.uid},
                    {"namespace", record.ns},
                    {"name", record.name},
                    {"channel", record.channel},
                    {"attempt", record.attempt},
                    {"error", record.error},
                    {"time", to_rfc3339_micro(record.time)}};
    file_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    return file_.good();
  }

 private:
  std::string path_;
  std::ofstream file_;
};

net::PageAnswer page(notification::Controller& controller, const std::string& path) {
  const auto state = [](bool good) { return net::PageAnswer{good ? 200 : 503, good ? "ok\n" : "not ok\n"}; };
  if (path == "/metrics")
    return {.body = controller.metrics_text(), .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  if (path == "/healthz" || path == "/livez") return state(controller.is_healthy());
  if (path == "/readyz") return state(controller.is_ready());
  return {.status = 404, .body = "only /metrics, /healthz and /readyz\n"};
}

const char* why_it_ended(notification::ExitReason exit) {
  if (exit == notification::ExitReason::lost_lease)
    return "lost-lease: another process may lead now, so this one ends; start it again to stand by";
  return "cache-sync-timeout: the API server did not list the objects in time";
}

asio::awaitable<void> run_controller(Runtime& runtime, notification::Controller& controller,
                                     net::HttpServer& pages, notification::ExitReason& exit) {
  TaskGroup group(runtime);
  group.spawn("pages", pages.run());
  exit = co_await controller.run();
  group.cancel();
  co_await group.join();
}

}  // namespace

int controller(const std::vector<std::string>& arguments) {
  const Options options = parse_controller(arguments);
  live::Loop loop;
  live::Process process(loop,
                        {.name = "controller", .network = {.bind_address = options.config.http_address}});
  Runtime& runtime = process.runtime();
  notification::Config config = core_config(options.config, runtime);
  kube::HttpTransport transport(runtime, transport_options(options));
  StderrLog lines(options.config.log_json);
  obs::Logger log("controller", runtime.clock, lines, options.config.log_level);
  obs::Metrics metrics;
  StdoutSink text;
  AuditFile audit(options.config.audit_file);
  const std::string identity = config.election.identity;
  notification::Controller core(runtime, std::move(config),
                                {.api = transport,
                                 .metrics = metrics,
                                 .console = &text,
                                 .log_channel = &text,
                                 .audit = options.config.audit_file.empty() ? nullptr : &audit},
                                log);
  net::HttpServer pages(runtime, [&core](const std::string& path) { return page(core, path); });
  if (const auto bound = pages.listen(options.config.http_port); !bound)
    throw InputError(fmt::format("http.port: cannot listen on {}:{}: {}", options.config.http_address,
                                 options.config.http_port, bound.error().message()));
  const std::string address = fmt::format("http://{}:{}", options.config.http_address, pages.port());
  log.info("started", {{"pages", address}, {"identity", identity}});
  if (!options.ready_file.empty())
    write_file(options.ready_file, json{{"pages", address}, {"identity", identity}}.dump() + "\n");

  int signals = 0;
  loop.on_termination([&](int) {
    if (++signals > 1) return loop.stop();
    log.info("asked to end: finishing what is under way, a second signal ends it at once");
    core.shut_down();
  });
  notification::ExitReason exit = notification::ExitReason::grace_period_over;
  std::exception_ptr failure;
  process.start([&](Runtime&) { return run_controller(runtime, core, pages, exit); },
                [&](std::exception_ptr ended) {
                  failure = ended;
                  loop.stop();
                });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  const bool asked =
      exit == notification::ExitReason::clean || exit == notification::ExitReason::grace_period_over;
  log.log(asked ? obs::Level::info : obs::Level::error, "ended", {{"reason", kube::to_string(exit)}});
  if (!asked) fmt::print(stderr, "racebed: controller: {}\n", why_it_ended(exit));
  return asked ? kHolds : kViolated;
}

std::string controller_help() {
  std::string text = R"(racebed controller (--kubeconfig FILE [--context NAME] | --server URL) [OPTIONS]

The notification controller, for real: watches NotificationRequests of an API server and delivers
them. Several may run; one leads. In a pod it finds its cluster by itself. It ends on SIGTERM (0),
or by itself when it loses its lease (1).

  --kubeconfig FILE   the API server and who we are to it (or the variable KUBECONFIG)
  --context NAME      other than the current one
  --server URL        instead of a kubeconfig, with
  --token-file FILE   bearer token; read again every minute
  --ca-file FILE      authorities that the server's certificate may come from
  --config FILE       YAML or JSON with the keys below
  --ready-file FILE   write the address of its pages here, as JSON, once it listens

Secrets come from files only. Each key of the file is a flag too (--election.lease NAME); flags win.

)";
  for (const ConfigKey& key : config_keys()) {
    text += fmt::format("  --{:<29} {}\n", key.path, key.help);
    if (!key.standard.empty()) text += fmt::format("  {:<31} (default {})\n", "", key.standard);
  }
  text +=
      "\ntry\n  racebed serve --kubeconfig /tmp/kubeconfig &\n  racebed controller --kubeconfig "
      "/tmp/kubeconfig --http.port 0\n";
  return text;
}

}  // namespace racebed::cli

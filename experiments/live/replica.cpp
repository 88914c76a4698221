#include "experiments/live/replica.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/kube/http_transport.hpp"
#include "experiments/scenario/load.hpp"
#include "experiments/subjects/subject.hpp"
#include "live/process.hpp"
#include "models/ledger/ledger.hpp"
#include "models/sinks/audit_sink.hpp"
#include "models/sinks/recording_files.hpp"
#include "models/sinks/text_sink.hpp"
#include "models/slack/workspace.hpp"

namespace racebed::experiments {
namespace {

using models::Json;

ReplicaOptions options_of(const std::string& input) {
  const Json json = Json::parse(input);
  ReplicaOptions options;
  options.process = json.at("process");
  options.incarnation = json.at("incarnation");
  options.subject = json.at("subject");
  options.scenario = parse_scenario(json.at("name"), json.at("scenario").dump(), "the parent's scenario");
  options.api_url = json.at("apiUrl");
  options.address = json.at("address");
  options.slack_webhook_url = json.at("slackWebhookUrl");
  options.slack_api_url = json.at("slackApiUrl");
  options.slack_host = json.at("slackHost");
  options.slack_address = json.at("slackAddress");
  options.roots_pem = json.at("rootsPem");
  options.revocations_pem = json.at("revocationsPem");
  options.files_root = json.at("filesRoot");
  return options;
}

void say(const Json& line) {
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::fflush(stdout);
}

/// What the parent's ledger is to hear of: what this process's own channels took, and what it claims.
void report(const models::Fact& fact) {
  if (const auto* delivered = std::get_if<models::Delivered>(&fact.what))
    say({{"delivered",
          {{"channel", delivered->channel}, {"token", delivered->token}, {"message", delivered->message}}}});
  if (const auto* claimed = std::get_if<models::Claimed>(&fact.what))
    say({{"claimed", {{"kind", claimed->kind}, {"content", claimed->content ? *claimed->content : Json()}}}});
}

class StderrLog final : public obs::LogSink {
 public:
  explicit StderrLog(std::string name) : name_(std::move(name)) {}
  void line(obs::Level, std::string_view text) override { fmt::print(stderr, "{}: {}\n", name_, text); }

 private:
  std::string name_;
};

asio::awaitable<void> replica_main(Runtime& runtime, const ReplicaOptions& options, const Subject& subject,
                                   models::Ledger& ledger, std::string& end) {
  const auto self = [&options] { return models::Actor{options.process, options.incarnation}; };
  const auto api = net::parse_url(options.api_url);
  kube::HttpTransport transport(runtime, {.server = *api});
  models::TextSink console(ledger, "console", self);
  models::TextSink log_channel(ledger, "log", self);
  models::AuditPolicy calm;
  models::AuditSink audit(ledger, calm, self);
  models::FileDeliveries given;
  models::RecordingFiles files(runtime.files, ledger, "/var/lib/notification", given, self);
  StderrLog logs(options.process);
  Runtime own{runtime.executor, runtime.clock, runtime.random, runtime.network, files, runtime.tasks};
  SubjectEnvironment environment{
      own,
      transport,
      logs,
      fmt::format("{}_{}", options.process, options.incarnation),
      [&](std::string_view text) { return console.write(text); },
      [&](std::string_view text) { return log_channel.write(text); },
      [&audit](const std::vector<kube::Json>& records) { return audit.take(records); },
      [&audit](const kube::Json& record) { return audit.check(record); }};
  environment.slack.webhook_url = options.slack_webhook_url;
  if (options.scenario.world.slack_api == "web-api") {
    const models::WorkspaceOptions workspace;
    environment.slack.token = workspace.token;
    environment.slack.api_url = options.slack_api_url;
    environment.slack.channel = workspace.channel;
  }
  const net::TlsCredentials trusted{.roots_pem = options.roots_pem,
                                    .revocations_pem = options.revocations_pem};
  environment.slack.roots = *net::trust_roots_from(trusted);
  end = co_await subject.run(environment, options.scenario.subject);
}

}  // namespace

std::string replica_input(const ReplicaOptions& options) {
  return Json{{"process", options.process},
              {"incarnation", options.incarnation},
              {"subject", options.subject},
              {"name", options.scenario.name},
              {"scenario", expanded(options.scenario)},
              {"apiUrl", options.api_url},
              {"address", options.address},
              {"slackWebhookUrl", options.slack_webhook_url},
              {"slackApiUrl", options.slack_api_url},
              {"slackHost", options.slack_host},
              {"slackAddress", options.slack_address},
              {"rootsPem", options.roots_pem},
              {"revocationsPem", options.revocations_pem},
              {"filesRoot", options.files_root}}
      .dump();
}

models::What fact_of_line(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_object() && json.contains("delivered")) {
    const Json& delivered = json["delivered"];
    return models::Delivered{
        delivered.at("channel"), delivered.at("token"), delivered.at("message"), "", 0, ""};
  }
  if (json.is_object() && json.contains("claimed")) {
    const Json& claimed = json["claimed"];
    return models::Claimed{claimed.at("kind"), std::make_shared<const Json>(claimed.at("content"))};
  }
  throw std::runtime_error(fmt::format("a controller's line is no fact: {}", line.substr(0, 200)));
}

int run_replica(const std::string& input) {
  const ReplicaOptions options = options_of(input);
  const Subject* subject = find_subject(options.subject);
  if (subject == nullptr) throw InputError(fmt::format("unknown subject \"{}\"", options.subject));
  live::Loop loop;
  live::Process process(loop, {.name = options.process,
                               .network = {.source_address = options.address,
                                           .hosts = {{options.slack_host, options.slack_address}}},
                               .files_root = options.files_root});
  models::Ledger ledger([&process] { return process.runtime().clock.now(); }, 1);
  ledger.subscribe(report);
  std::string end;
  std::exception_ptr failure;
  process.start([&](Runtime& runtime) { return replica_main(runtime, options, *subject, ledger, end); },
                [&](std::exception_ptr failed) {
                  failure = failed;
                  loop.stop();
                });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  fmt::print(stderr, "{}: ended: {}\n", options.process, end);
  return end == "clean" ? 0 : 1;
}

}  // namespace racebed::experiments

#include "tests/e2e/world.hpp"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace racebed::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr std::chrono::seconds kReadyBound{20};
constexpr std::chrono::seconds kAnswerBound{20};

/// The document that a program writes once it listens. Throws with its output when it does not.
Json ready_document(ChildProcess& process, const std::string& file) {
  Json ready = Json::value_t::discarded;
  const bool listens = eventually(kReadyBound, [&] {
    if (std::filesystem::exists(file)) {
      std::ifstream in(file);
      ready = Json::parse(in, nullptr, false);
    }
    return !ready.is_discarded() || !process.running();
  });
  if (!listens || ready.is_discarded()) {
    throw std::runtime_error(fmt::format("not ready{}:\n$ {}\n{}", listens ? ", it ended" : " in time",
                                         process.command(), process.output()));
  }
  return ready;
}

}  // namespace

HttpAnswer http(const std::string& base, const std::string& method, const std::string& target,
                const std::string& body, const std::map<std::string, std::string>& headers) {
  const std::string authority = base.substr(base.find("//") + 2);
  const std::size_t colon = authority.rfind(':');
  asio::io_context context;
  beast::tcp_stream stream(context);
  beast::flat_buffer buffer;
  beast::http::request<beast::http::string_body> request;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(std::uint64_t{1} << 30);
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(beast::http::field::host, authority);
  request.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  if (!body.empty()) request.prepare_payload();
  HttpAnswer answer;
  const auto read = [&](beast::error_code error, std::size_t) {
    if (error && error != beast::http::error::end_of_stream) return;
    answer.status = parser.get().result_int();
    for (const auto& field : parser.get()) {
      std::string name = field.name_string();
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.headers[name] = field.value();
    }
    answer.body = parser.get().body();
  };
  stream.expires_after(kAnswerBound);
  const tcp::endpoint server(asio::ip::make_address(authority.substr(0, colon)),
                             static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1))));
  stream.async_connect(server, [&](beast::error_code refused) {
    if (refused) return;
    beast::http::async_write(stream, request, [&](beast::error_code error, std::size_t) {
      if (!error) beast::http::async_read(stream, buffer, parser, read);
    });
  });
  context.run();
  return answer;
}

std::string racebed_program() {
  return std::string(RACEBED_BINARY_DIR) + "/bin/racebed";
}

std::string client(const std::string& name) {
  return std::string(RACEBED_SOURCE_DIR) + "/build/clients/" + name;
}

Serve::Serve(std::vector<std::string> options) {
  std::vector<std::string> command{racebed_program(), "serve",        "--kubeconfig",
                                   kubeconfig(),      "--ready-file", folder_.path() + "/ready.json"};
  command.insert(command.end(), options.begin(), options.end());
  process_ = std::make_unique<ChildProcess>(std::move(command));
  ready_ = ready_document(*process_, folder_.path() + "/ready.json");
  folder_.write("ca.pem", ready_.at("caPem"));
  folder_.write("revocations.pem", http(control(), "GET", "/revocations.pem").body);
}

HttpAnswer Serve::set_faults(const Json& faults) const {
  return http(control(), "PUT", "/faults", faults.dump());
}

Json Serve::delivered() const {
  const Json ledger = http(control(), "GET", "/ledger?kind=delivered").json();
  return ledger.is_object() ? ledger.value("facts", Json::array()) : Json::array();
}

HttpAnswer Serve::api(const std::string& method, const std::string& target, const Json& body,
                      const std::string& content_type) const {
  std::map<std::string, std::string> headers{{"accept", "application/json"}};
  if (!body.is_null()) headers["content-type"] = content_type;
  return http(http_base(), method, target, body.is_null() ? "" : body.dump(), headers);
}

std::string Serve::log() const {
  return fmt::format("$ {}\n{}", process_->command(), process_->output());
}

ControllerProcess::ControllerProcess(const Serve& world, const std::string& identity,
                                     std::vector<std::string> options) {
  const std::string webhook =
      folder_.write("webhook", world.ready().at("slack").at("webhook").get<std::string>() + "\n");
  std::vector<std::string> command{racebed_program(),
                                   "controller",
                                   "--kubeconfig",
                                   world.kubeconfig(),
                                   "--ready-file",
                                   folder_.path() + "/ready.json",
                                   "--http.port",
                                   "0",
                                   "--election.identity",
                                   identity,
                                   "--election.leaseDuration",
                                   "3s",
                                   "--election.renewDeadline",
                                   "2s",
                                   "--election.retryPeriod",
                                   "500ms",
                                   "--delivery.leadershipMin",
                                   "500ms",
                                   "--slack.webhookUrlFile",
                                   webhook,
                                   "--slack.caFile",
                                   world.ca_file(),
                                   "--slack.revocationsFile",
                                   world.revocations_file()};
  command.insert(command.end(), options.begin(), options.end());
  process_ = std::make_unique<ChildProcess>(std::move(command));
  ready_ = ready_document(*process_, folder_.path() + "/ready.json");
}

std::string ControllerProcess::log() const {
  return fmt::format("$ {}\n{}", process_->command(), process_->output());
}

}  // namespace racebed::tests

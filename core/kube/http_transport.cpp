#include "core/kube/http_transport.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/net/http_exchange.hpp"
#include "runtime/within.hpp"

namespace racebed::kube {
namespace {

constexpr std::size_t kTextMax = 4096;  // of an answer that is not JSON
constexpr Duration kTokenFresh = std::chrono::minutes{1};

std::string_view method_of(Verb verb) {
  switch (verb) {
    case Verb::get:
      return "GET";
    case Verb::post:
      return "POST";
    case Verb::put:
      return "PUT";
    case Verb::patch:
      return "PATCH";
    case Verb::remove:
      return "DELETE";
  }
  return "GET";
}

TransportError error_of(const net::HttpFailure& failure) {
  return {failure.not_sent ? TransportError::Outcome::not_sent : TransportError::Outcome::unknown,
          failure.message};
}

ApiResponse response_of(int status, const std::string& body, std::optional<Duration> retry_after) {
  ApiResponse response;
  response.status = status;
  response.retry_after = retry_after;
  auto json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) {
    response.text = body.substr(0, kTextMax);
  } else {
    response.body = std::make_shared<const Json>(std::move(json));
  }
  return response;
}

/// The lines of an open watch.
class HttpWatch final : public WatchStream {
 public:
  explicit HttpWatch(net::HttpStream stream) : stream_(std::move(stream)) {}

  asio::awaitable<Result<WatchMessage, TransportError>> next(Instant until) override {
    for (;;) {
      if (const std::size_t end = buffer_.find('\n', searched_); end != std::string::npos) {
        const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
        begin_ = searched_ = end + 1;
        if (line.empty()) continue;
        co_return message_of(line);
      }
      buffer_.erase(0, begin_);
      begin_ = 0;
      searched_ = buffer_.size();
      auto piece = co_await stream_.next(until);
      if (!piece) co_return error_of(piece.error());
      if (piece->empty()) {
        if (buffer_.empty()) co_return WatchMessage{};
        co_return TransportError{TransportError::Outcome::unknown, "the watch ended in the middle of a line"};
      }
      buffer_ += *piece;
    }
  }

 private:
  static Result<WatchMessage, TransportError> message_of(std::string_view line) {
    auto json = std::make_shared<Json>(Json::parse(line, nullptr, false));
    const auto type = json->is_object() ? json->find("type") : json->end();
    if (!json->is_object() || type == json->end() || !type->is_string()) {
      return TransportError{TransportError::Outcome::unknown, "a line of the watch is no event"};
    }
    WatchMessage message{.type = type->get<std::string>(), .object = nullptr};
    if (const auto object = json->find("object"); object != json->end() && object->is_object())
      message.object = JsonPtr(json, &*object);
    return message;
  }

  net::HttpStream stream_;
  std::string buffer_;        // what came and was not handed on begins at begin_
  std::size_t begin_ = 0;     //
  std::size_t searched_ = 0;  // no line ends between begin_ and here
};

net::HttpsClientOptions client_options(const HttpTransportOptions& options) {
  net::HttpsClientOptions http;
  // The call's own time-out is what bounds it; these only keep one phase from taking all of it.
  http.first_byte_timeout = http.total_timeout = std::chrono::minutes{2};
  http.connections_max = options.connections_max;
  http.answer_bytes_max = options.answer_bytes_max;
  http.roots = options.roots;
  http.server_name = options.server_name;
  return http;
}

}  // namespace

struct HttpTransport::State {
  State(Runtime& r, HttpTransportOptions o)
      : runtime(r), options(std::move(o)), client(r, client_options(options)), token(options.token) {}
  Runtime& runtime;
  HttpTransportOptions options;
  net::HttpsClient client;
  std::string token;
  std::optional<Instant> token_read;

  asio::awaitable<net::HttpRequest> http_request(ApiRequest request);
  asio::awaitable<void> refresh_token();
  asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> send(ApiRequest request);
  asio::awaitable<Result<WatchAnswer, TransportError>> open(ApiRequest request);
};

asio::awaitable<void> HttpTransport::State::refresh_token() {
  const Instant now = runtime.clock.steady_now();
  if (options.token_file.empty() || (token_read && now - *token_read < kTokenFresh)) co_return;
  auto content = co_await runtime.files.read(options.token_file);
  if (!content) co_return;  // the old one may still be good; the server says so if not
  token_read = now;
  token = content->substr(0, content->find_first_of("\r\n"));
}

asio::awaitable<net::HttpRequest> HttpTransport::State::http_request(ApiRequest request) {
  co_await refresh_token();
  net::HttpRequest http;
  http.method = std::string(method_of(request.verb));
  http.url = options.server;
  const std::string prefix = options.server.target == "/" ? "" : options.server.target;
  http.url.target = prefix + request.target;
  http.headers.emplace_back("Accept", request.accept);
  if (!token.empty()) http.headers.emplace_back("Authorization", "Bearer " + token);
  if (request.body) {
    http.headers.emplace_back("Content-Type",
                              request.content_type.empty() ? "application/json" : request.content_type);
    http.body = request.body->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  co_return std::move(http);
}

asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> HttpTransport::State::send(ApiRequest request) {
  const bool reads = request.verb == Verb::get;
  net::HttpRequest http = co_await http_request(std::move(request));
  net::HttpRequest again;
  if (reads) again = http;
  auto answer = co_await client.send(std::move(http));
  // A kept-alive connection may have been closed by the server just as we took it: a read is asked again,
  // once; of a write nobody can know.
  const bool broken = !answer && answer.error().error_class == net::ErrorClass::reset;
  if (!broken || !reads) co_return std::move(answer);
  auto second = co_await client.send(std::move(again));
  co_return std::move(second);
}

asio::awaitable<Result<WatchAnswer, TransportError>> HttpTransport::State::open(ApiRequest request) {
  net::HttpRequest http = co_await http_request(std::move(request));
  auto stream = co_await client.stream(std::move(http));
  if (!stream) co_return error_of(stream.error());
  WatchAnswer answer;
  if (stream->status() == 200) {
    answer.stream = std::make_unique<HttpWatch>(std::move(*stream));
    co_return std::move(answer);
  }
  std::string body;
  const Instant until = runtime.clock.steady_now() + std::chrono::seconds{10};
  while (body.size() < options.answer_bytes_max) {
    auto piece = co_await stream->next(until);
    if (!piece) co_return error_of(piece.error());
    if (piece->empty()) break;
    body += *piece;
  }
  answer.refusal = response_of(stream->status(), body, stream->retry_after());
  co_return std::move(answer);
}

HttpTransport::HttpTransport(Runtime& runtime, HttpTransportOptions options)
    : state_(std::make_shared<State>(runtime, std::move(options))) {}
HttpTransport::~HttpTransport() = default;

asio::awaitable<Result<ApiResponse, TransportError>> HttpTransport::call(ApiRequest request,
                                                                         Duration timeout) {
  const std::shared_ptr<State> state = state_;
  Clock& clock = state->runtime.clock;
  auto answer = co_await within(clock, clock.steady_now() + timeout, state->send(std::move(request)));
  if (!answer) co_return TransportError{TransportError::Outcome::unknown, "no answer in time"};
  if (!*answer) co_return error_of(answer->error());
  if (!(*answer)->body_complete)
    co_return TransportError{TransportError::Outcome::unknown, "the answer was cut short"};
  co_return response_of((*answer)->status, (*answer)->body, (*answer)->retry_after);
}

asio::awaitable<Result<WatchAnswer, TransportError>> HttpTransport::watch(ApiRequest request,
                                                                          Duration timeout) {
  const std::shared_ptr<State> state = state_;
  Clock& clock = state->runtime.clock;
  auto answer = co_await within(clock, clock.steady_now() + timeout, state->open(std::move(request)));
  if (!answer) co_return TransportError{TransportError::Outcome::unknown, "no answer in time"};
  co_return std::move(*answer);
}

}  // namespace racebed::kube

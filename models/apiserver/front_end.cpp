#include "models/apiserver/front_end.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "models/apiserver/discovery.hpp"
#include "models/apiserver/negotiation.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

/// An overloaded server's answer is no Status (kubernetes.md §1.15).
ApiHttpResponse too_many_requests(int retry_after_seconds) {
  ApiHttpResponse response;
  response.status = 429;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"Retry-After", fmt::format("{}", retry_after_seconds)}};
  response.text = "Too many requests, please try again later.\n";
  response.retry_after = std::chrono::seconds{retry_after_seconds};
  return response;
}

/// What a real one says with the status when nothing more is known.
Refusal usual_refusal(int status) {
  switch (status) {
    case 409:
      return {.code = 409,
              .reason = "Conflict",
              .message =
                  "Operation cannot be fulfilled: the object has been modified; please apply your "
                  "changes to the latest version and try again"};
    case 429:
      return {.code = 429,
              .reason = "TooManyRequests",
              .message = "The server has received too many requests and has asked us to try again later"};
    case 500:
      return {.code = 500, .reason = "InternalError", .message = "Internal error occurred"};
    case 503:
      return {.code = 503,
              .reason = "ServiceUnavailable",
              .message = "the server is currently unable to handle the request"};
    case 504:
      return {.code = 504,
              .reason = "Timeout",
              .message =
                  "Timeout: request did not complete within requested timeout - context deadline "
                  "exceeded"};
    default:
      return {.code = status, .message = "refused"};
  }
}

ApiHttpResponse refused(const RequestVerdict& verdict, const ApiHttpRequest& request,
                        const Registry& registry) {
  int retry_after = static_cast<int>(verdict.retry_after / std::chrono::seconds{1});
  if (verdict.status == 429) retry_after = std::max(retry_after, 1);
  if (verdict.status == 429 && verdict.plain_text) return too_many_requests(retry_after);
  Refusal refusal = usual_refusal(verdict.status);
  const auto target = verdict.status == 409 ? parse_target(request.target, registry) : std::nullopt;
  if (target && !target->name.empty()) refusal = modified(*target->type, target->name);
  if (!verdict.message.empty()) {
    refusal.reason.clear();
    refusal.message = verdict.message;
  }
  refusal.details = retry_after > 0 || !refusal.name.empty();
  refusal.retry_after_seconds = retry_after;
  return refusal.response();
}

std::string reason_of(const ApiHttpResponse& response) {
  if (!response.body || !response.body->is_object()) return {};
  const auto reason = response.body->find("reason");
  return reason != response.body->end() && reason->is_string() ? reason->get<std::string>() : std::string();
}

/// The object, as far as the request names it.
ObjectRef named_by(const ApiHttpRequest& request, const Target& target) {
  std::string name = target.name;
  if (name.empty() && request.body) name = metadata_text(*request.body, "name");
  return {target.type->plural, target.ns, std::move(name), ""};
}

bool has_subresource(const Target& target) {
  if (target.subresource.empty()) return true;
  if (target.subresource == "status") return target.type->has_status;
  return target.subresource == "finalize" && target.type->plural == "namespaces" &&
         target.type->group.empty();
}

/// One more request under way, for as long as it lives.
class InFlight {
 public:
  explicit InFlight(std::size_t& count) : count_(count) { ++count_; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { --count_; }

 private:
  std::size_t& count_;
};

}  // namespace

FrontEnd::FrontEnd(Runtime& runtime, Store& store, Registry& registry, FrontEndPolicy& policy, Ledger& ledger,
                   FrontEndOptions options)
    : runtime_(runtime),
      store_(store),
      registry_(registry),
      policy_(policy),
      ledger_(ledger),
      options_(std::move(options)),
      caches_(runtime.clock, store, policy, options_.caches, ledger, options_.self),
      reads_(runtime, store, caches_, ledger),
      writes_(runtime, store, registry),
      definitions_(runtime, store, registry) {
  definitions_.settle_all();
  for (const auto& type : registry_.types()) caches_.of(*type);
}

asio::awaitable<std::optional<ApiHttpResponse>> FrontEnd::handle(ApiHttpRequest request) {
  const bool reads = request.method == "GET";
  std::size_t& count = reads ? reads_in_flight_ : writes_in_flight_;
  const std::size_t limit = reads ? options_.reads_in_flight_max : options_.writes_in_flight_max;
  if (limit != 0 && count >= limit) co_return too_many_requests(1);
  const InFlight under_way(count);
  const std::uint64_t life = lives_;
  const RequestVerdict verdict = policy_.request(request);
  if (verdict.delay > Duration{0}) co_await runtime_.clock.sleep_for(verdict.delay);
  if (life != lives_ || verdict.outcome == RequestVerdict::Outcome::lose_before_commit)
    co_return std::nullopt;
  if (verdict.outcome == RequestVerdict::Outcome::refuse) {
    ApiHttpResponse answer = refused(verdict, request, registry_);
    const auto target = reads ? std::nullopt : parse_target(request.target, registry_);
    if (target) record_refusal(request, *target, answer);
    co_return std::move(answer);
  }
  std::optional<ApiHttpResponse> response = co_await serve(request, life);
  if (verdict.delay_answer > Duration{0}) co_await runtime_.clock.sleep_for(verdict.delay_answer);
  if (life != lives_ || verdict.outcome == RequestVerdict::Outcome::commit_then_lose) co_return std::nullopt;
  if (verdict.outcome == RequestVerdict::Outcome::commit_then_refuse)
    co_return refused(verdict, request, registry_);
  co_return std::move(response);
}

asio::awaitable<std::optional<ApiHttpResponse>> FrontEnd::serve(const ApiHttpRequest& request,
                                                                std::uint64_t life) {
  const auto target = parse_target(request.target, registry_);
  if (!target) {
    auto found = request.method == "GET" ? discover(request, registry_) : std::nullopt;
    co_return found ? std::move(*found) : unknown_path(request.target);
  }
  const auto shape = answer_shape(request.accept);
  if (!shape) co_return not_acceptable().response();
  if (!has_subresource(*target)) {
    co_return not_found(*target->type, target->name).response();
  }
  if (request.method == "GET") {
    ApiHttpResponse answer = co_await read(request, *target);
    co_return in_shape(std::move(answer), *shape, *target, runtime_.clock);
  }
  if (ledger_.wants(Passed::Point::api_before_commit) && is_told_of(*target->type)) {
    ledger_.record(options_.self, Passed{Passed::Point::api_before_commit, object_of(request, *target), {}});
    // Whoever heard of it may have killed or paused this process, or restarted the front end.
    co_await asio::post(runtime_.executor, asio::use_awaitable);
    if (life != lives_) co_return std::nullopt;
  }
  ApiHttpResponse response = in_shape(write(request, *target), *shape, *target, runtime_.clock);
  if (response.status < 300) definitions_.settle(*target->type);
  if (response.status >= 400) record_refusal(request, *target, response);
  co_return std::move(response);
}

/// As in named_by, with the uid of the object that there is.
ObjectRef FrontEnd::object_of(const ApiHttpRequest& request, const Target& target) const {
  ObjectRef object = named_by(request, target);
  if (const JsonPtr there = store_.find(*target.type, Store::key(object.ns, object.name)))
    object.uid = metadata_text(*there, "uid");
  return object;
}

asio::awaitable<ApiHttpResponse> FrontEnd::read(const ApiHttpRequest& request, const Target& target) {
  if (!target.name.empty()) return reads_.get(request, target);
  return is_set(target, "watch") ? reads_.watch(request, target) : reads_.list(request, target);
}

void FrontEnd::record_refusal(const ApiHttpRequest& request, const Target& target,
                              const ApiHttpResponse& answer) {
  ledger_.record(request.client,
                 Refused{request.method, named_by(request, target), answer.status, reason_of(answer)});
}

ApiHttpResponse FrontEnd::write(const ApiHttpRequest& request, const Target& target) {
  const bool collection = target.name.empty();
  // A POST to a name is one to its collection (create-to-name-path-not-allowed).
  if (request.method == "POST" && target.subresource.empty()) return writes_.create(request, target);
  if (request.method == "PUT" && !collection) return writes_.update(request, target);
  if (request.method == "PATCH" && !collection) return writes_.patch(request, target);
  if (request.method == "DELETE" && target.subresource.empty())
    return collection ? writes_.remove_collection(request, target) : writes_.remove(request, target);
  const bool patches = request.method != "PUT" && collection;
  const char* verb = request.method == "DELETE" ? "delete"
                     : collection               ? (patches ? "patch" : "update")
                                                : "create";
  return method_not_allowed(*target.type, verb).response();
}

void FrontEnd::restart() {
  ++lives_;
  caches_.restart();
}

asio::awaitable<void> FrontEnd::run() {
  return caches_.run();
}

}  // namespace racebed::models

#include "experiments/world/transport_user.hpp"

#include <nlohmann/json.hpp>

namespace racebed::experiments {
namespace {

kube::Verb verb_of(std::string_view method) {
  if (method == "POST") return kube::Verb::post;
  if (method == "PUT") return kube::Verb::put;
  if (method == "PATCH") return kube::Verb::patch;
  if (method == "DELETE") return kube::Verb::remove;
  return kube::Verb::get;
}

}  // namespace

asio::awaitable<std::optional<models::ApiHttpResponse>> TransportUser::call(models::ApiHttpRequest request) {
  kube::ApiRequest sent;
  sent.verb = verb_of(request.method);
  sent.target = std::move(request.target);
  sent.body = std::move(request.body);
  sent.content_type = std::move(request.content_type);
  auto answer = co_await api_.call(std::move(sent), std::chrono::seconds{30});
  if (!answer) co_return std::nullopt;
  models::ApiHttpResponse response;
  response.status = answer->status;
  response.body = std::move(answer->body);
  response.text = std::move(answer->text);
  response.retry_after = answer->retry_after;
  co_return std::move(response);
}

}  // namespace racebed::experiments

// The user's kubectl: the workload's way to the API over whatever transport a client of ours has.
#pragma once

#include "core/kube/api_transport.hpp"
#include "models/users/workload.hpp"

namespace racebed::experiments {

class TransportUser final : public models::UserApi {
 public:
  /// `api` must outlive it.
  explicit TransportUser(kube::ApiTransport& api) : api_(api) {}
  asio::awaitable<std::optional<models::ApiHttpResponse>> call(models::ApiHttpRequest request) override;

 private:
  kube::ApiTransport& api_;
};

}  // namespace racebed::experiments

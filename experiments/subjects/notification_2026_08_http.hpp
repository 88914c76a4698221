// An HTTP client that behaves and fails as Go's does (notification.md C.3, C.4): one time-out over
// everything, redirects followed, errors that are only text.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/net/https_client.hpp"
#include "experiments/subjects/notification_2026_08_context.hpp"
#include "runtime/result.hpp"
#include "runtime/runtime.hpp"

namespace racebed::experiments::august_2026 {

class GoHttpClient {
 public:
  static constexpr Duration kTimeout = std::chrono::seconds{10};
  GoHttpClient(Runtime& runtime, Context& context, std::shared_ptr<const net::TrustRoots> roots);
  /// POST of JSON. The last answer; or the error as url.Error prints it: `Post "<url>": ...`.
  asio::awaitable<Result<net::HttpAnswer, std::string>> post(std::string url, std::string body);

 private:
  struct Hop {
    std::string method;
    std::string url;
    std::string body;
  };
  asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> send(const Hop& hop, net::Url url,
                                                                  Instant deadline);
  Runtime& runtime_;
  Context& context_;
  net::HttpsClient https_;
};

/// What Go says of a failure, without the url.Error around it. `host_and_port` stands for addresses.
std::string go_text(const net::HttpFailure& failure, const std::string& host_and_port, Time now);

/// `location` as seen from `base`, both as text; what a redirect leads to.
std::string resolve_reference(const std::string& base, const std::string& location);

}  // namespace racebed::experiments::august_2026

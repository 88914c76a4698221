// How the controllers of the fake world reach an API server, and the few requests that they make: an ordinary
// client's, which may fail, wait or get no answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/apiserver/http.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

/// One client's way to a server.
class ControllerApi {
 public:
  virtual ~ControllerApi() = default;
  /// Nothing when no answer came: the request may or may not have been carried out. Ends by itself.
  virtual asio::awaitable<std::optional<ApiHttpResponse>> call(ApiHttpRequest request) = 0;
};

/// A kind as discovery tells of it.
struct ApiResource {
  std::string group{};
  std::string version{};
  std::string plural{};
  std::string kind{};
  bool namespaced = true;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// The path of the collection in `ns`, or of all of them, or of one object.
  std::string path(const std::string& ns = {}, const std::string& name = {}) const;
  friend auto operator<=>(const ApiResource&, const ApiResource&) = default;
};

/// Calls under one name in the ledger.
class ControllerClient {
 public:
  ControllerClient(ControllerApi& api, Actor actor) : api_(api), actor_(std::move(actor)) {}

  /// Every kind that can be listed, watched and deleted, one version of each group; nothing when the server
  /// does not answer as it should.
  asio::awaitable<std::optional<std::vector<ApiResource>>> discover();
  /// `body` null: none. Status 0: no answer.
  asio::awaitable<ApiHttpResponse> send(std::string method, std::string target, JsonPtr body = nullptr,
                                        std::string content_type = {});
  asio::awaitable<ApiHttpResponse> merge_patch(std::string target, Json patch);

 private:
  ControllerApi& api_;
  const Actor actor_;
};

/// A member of metadata, or the empty text; objects of any shape.
std::string metadata_of(const Json& object, const char* member);
/// metadata.finalizers, as far as they are texts.
std::vector<std::string> finalizers_of(const Json& object);

}  // namespace racebed::models

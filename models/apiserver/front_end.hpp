// One API server process: the entry point for HTTP-shaped requests over a shared store, with a watch cache of
// its own for each kind. What kubectl would see is what the core sees. Several over one store are several API
// servers: a client's requests may reach any of them, and each is as late as its own caches.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "models/apiserver/caches.hpp"
#include "models/apiserver/definitions.hpp"
#include "models/apiserver/front_end_policy.hpp"
#include "models/apiserver/http.hpp"
#include "models/apiserver/reads.hpp"
#include "models/apiserver/resource.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"
#include "models/apiserver/writes.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

struct FrontEndOptions {
  Actor self{"apiserver", 1};  // for the ledger: the process that it is part of
  /// Requests under way at once, as kube-apiserver's flags; watches do not count. 0: no limit. What is over
  /// the limit is told 429 in plain text.
  std::size_t reads_in_flight_max = 400;
  std::size_t writes_in_flight_max = 200;
  WatchCacheLimits caches{};
};

class FrontEnd {
 public:
  /// All must outlive the front end. `runtime` is the API server process's. When the front end goes, its
  /// watches end; another one over the same store is a server that has come back.
  FrontEnd(Runtime& runtime, Store& store, Registry& registry, FrontEndPolicy& policy, Ledger& ledger,
           FrontEndOptions options = {});

  /// Serves one request. Never fails: whatever is wrong with it is an answer. Nothing (std::nullopt) when the
  /// policy has the connection break instead of an answer. The front end must live until then.
  asio::awaitable<std::optional<ApiHttpResponse>> handle(ApiHttpRequest request);

  /// Feeds the watch caches, each change as late as the policy says. Runs until cancelled; without it no
  /// change that lags is ever seen.
  asio::awaitable<void> run();

  /// Where faults freeze, rewind and cut.
  Caches& caches() { return caches_; }

  /// As if the process had died and come back at once: watches end, requests under way break (what they have
  /// committed stays), caches begin anew where the policy says.
  void restart();

 private:
  /// Nothing when the front end's life ended meanwhile.
  asio::awaitable<std::optional<ApiHttpResponse>> serve(const ApiHttpRequest& request, std::uint64_t life);
  asio::awaitable<ApiHttpResponse> read(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse write(const ApiHttpRequest& request, const Target& target);
  void record_refusal(const ApiHttpRequest& request, const Target& target, const ApiHttpResponse& answer);
  ObjectRef object_of(const ApiHttpRequest& request, const Target& target) const;

  Runtime& runtime_;
  const Store& store_;
  const Registry& registry_;
  FrontEndPolicy& policy_;
  Ledger& ledger_;
  const FrontEndOptions options_;
  Caches caches_;
  Reads reads_;
  Writes writes_;
  Definitions definitions_;
  std::size_t reads_in_flight_ = 0;
  std::size_t writes_in_flight_ = 0;
  std::uint64_t lives_ = 1;
};

}  // namespace racebed::models

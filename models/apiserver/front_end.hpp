// One API server process: the entry point for HTTP-shaped requests over a shared store, with a watch cache of
// its own for each kind. What kubectl would see is what the core sees.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <map>
#include <memory>

#include "models/apiserver/front_end_policy.hpp"
#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"
#include "models/apiserver/watch_cache.hpp"
#include "models/apiserver/writes.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

class FrontEnd {
 public:
  /// All must outlive the front end, which in turn must live as long as the store commits: it listens to it.
  /// `runtime` is the API server process's.
  FrontEnd(Runtime& runtime, Store& store, const Registry& registry, FrontEndPolicy& policy, Ledger& ledger);

  /// Serves one request. Never fails: whatever is wrong with it is an answer. Nothing (std::nullopt) when the
  /// policy has the connection break instead of an answer.
  asio::awaitable<std::optional<ApiHttpResponse>> handle(ApiHttpRequest request);

  /// Feeds the watch caches, each change as late as the policy says. Runs until cancelled; without it no
  /// change that lags is ever seen.
  asio::awaitable<void> run();

 private:
  ApiHttpResponse serve(const ApiHttpRequest& request);
  ApiHttpResponse serve_collection(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse get(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse list(const ApiHttpRequest& request, const Target& target);
  ApiHttpResponse watch(const ApiHttpRequest& request, const Target& target);
  void observed(const ApiHttpRequest& request, Observed::Source source, const ResourceType& type,
                const Target& target, const JsonPtr& object);
  WatchCache& cache_of(const ResourceType& type);
  void on_change(const Change& change);

  struct Delayed {
    Instant due;
    Change change;
  };
  Runtime& runtime_;
  Store& store_;
  const Registry& registry_;
  FrontEndPolicy& policy_;
  Ledger& ledger_;
  Writes writes_;
  std::map<const ResourceType*, std::shared_ptr<WatchCache>> caches_;  // looked up, never iterated
  std::deque<Delayed> delayed_;
  Instant last_due_{};
  Event delayed_changed_;
};

}  // namespace racebed::models

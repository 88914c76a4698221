// The reads: get, list and watch, each from the store or from a watch cache as its resourceVersion asks
// (kubernetes.md §1.13, §1.14; recorded cases get-*, list-*, watch-*).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "models/apiserver/caches.hpp"
#include "models/apiserver/continue_token.hpp"
#include "models/apiserver/http.hpp"
#include "models/apiserver/list_options.hpp"
#include "models/apiserver/store.hpp"
#include "models/apiserver/target.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

class Reads {
 public:
  /// All must outlive it.
  Reads(Runtime& runtime, Store& store, Caches& caches, Ledger& ledger)
      : runtime_(runtime), store_(store), caches_(caches), ledger_(ledger) {}

  /// `request` and `target` must live until the answer is there: a read may wait for a cache, 3 s at most.
  asio::awaitable<ApiHttpResponse> get(const ApiHttpRequest& request, const Target& target);
  asio::awaitable<ApiHttpResponse> list(const ApiHttpRequest& request, const Target& target);
  asio::awaitable<ApiHttpResponse> watch(const ApiHttpRequest& request, const Target& target);

 private:
  /// Of the store, whose past it then holds, or of a cache.
  struct View {
    const Store::Objects* objects = nullptr;
    Store::Overlay past{};
    const Store::Overlay* cached = nullptr;
    std::uint64_t revision = 0;
    ObjectsView shown() const { return {objects, cached != nullptr ? cached : &past}; }
  };
  /// Waits until the kind's cache has seen `revision`; what is wrong, if anything.
  asio::awaitable<std::optional<Refusal>> fresh(const ResourceType& type, std::uint64_t revision);
  asio::awaitable<Result<View, Refusal>> cached(const ResourceType& type, std::uint64_t not_older_than);
  Result<View, Refusal> stored(const ResourceType& type, std::optional<std::uint64_t> exactly);
  asio::awaitable<Result<View, Refusal>> view_of(const Target& target, const ListOptions& options);
  ApiHttpResponse list_view(const Target& target, const ListOptions& options, const View& view,
                            const ContinueToken* from) const;
  ApiHttpResponse list_on(const Target& target, const ListOptions& options);
  void observed(const ApiHttpRequest& request, Observed::Source source, const Target& target,
                const JsonPtr& object);

  Runtime& runtime_;
  Store& store_;
  Caches& caches_;
  Ledger& ledger_;
};

}  // namespace racebed::models

#include "models/apiserver/reads.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/version_watch.hpp"

namespace racebed::models {
namespace {

/// How long a read waits for a revision that its cache has not seen (apiserver cacher, blockTimeout).
constexpr Duration kFreshWithin = std::chrono::seconds{3};

constexpr const char* kPageExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
    "the results. Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
    "list.";

Refusal too_large(std::uint64_t asked, std::uint64_t current) {
  Refusal refusal{
      .code = 504,
      .reason = "Timeout",
      .message = fmt::format("Timeout: Too large resource version: {}, current: {}", asked, current)};
  refusal.causes = {{"ResourceVersionTooLarge", "", "Too large resource version"}};
  refusal.retry_after_seconds = 1;
  return refusal;
}

Refusal not_ready(const ResourceType& type) {
  Refusal refusal{.code = 429,
                  .reason = "TooManyRequests",
                  .message = "storage is (re)initializing",
                  .group = type.group,
                  .kind = type.plural};
  refusal.retry_after_seconds = 1;
  return refusal;
}

/// 410 with the token that goes on with what there is now.
ApiHttpResponse page_expired(const ContinueToken& from) {
  Refusal refusal = expired(kPageExpired);
  ApiHttpResponse response = refusal.response();
  Json body = *response.body;
  body["metadata"]["continue"] = to_text(ContinueToken{-1, from.last, -1});
  response.body = std::make_shared<const Json>(std::move(body));
  return response;
}

}  // namespace

asio::awaitable<std::optional<Refusal>> Reads::fresh(const ResourceType& type, std::uint64_t revision) {
  if (!caches_.ready(type)) co_return not_ready(type);
  const WatchCache& cache = caches_.of(type);
  if (cache.revision() >= revision) co_return std::nullopt;
  const bool seen = co_await caches_.seen(type, revision, runtime_.clock.steady_now() + kFreshWithin);
  if (seen) co_return std::nullopt;
  co_return too_large(revision, caches_.of(type).revision());
}

asio::awaitable<Result<Reads::View, Refusal>> Reads::cached(const ResourceType& type,
                                                            std::uint64_t not_older_than) {
  auto refusal = co_await fresh(type, not_older_than);
  if (refusal) co_return std::move(*refusal);
  const WatchCache& cache = caches_.of(type);
  const ObjectsView shown = cache.objects();
  View view;
  view.objects = shown.now;
  view.cached = shown.then;
  view.revision = cache.revision();
  co_return std::move(view);
}

/// The latest, or the past as of `exactly`.
Result<Reads::View, Refusal> Reads::stored(const ResourceType& type, std::optional<std::uint64_t> exactly) {
  View view{.objects = &store_.objects(type), .revision = exactly.value_or(store_.revision())};
  if (!exactly) return view;
  if (*exactly > store_.revision()) return too_large(*exactly, store_.revision());
  if (*exactly < store_.compacted()) return expired("The resourceVersion for the provided list is too old.");
  view.past = store_.overlay(type, *exactly);
  return view;
}

void Reads::observed(const ApiHttpRequest& request, Observed::Source source, const Target& target,
                     const JsonPtr& object) {
  if (!target.type->custom) return;  // what is believed of leases and events decides nothing that is judged
  ObjectRef ref =
      object ? ref_of(*target.type, *object) : ObjectRef{target.type->plural, target.ns, target.name, ""};
  ledger_.record(request.client, Observed{source, std::move(ref), object ? revision_of(*object) : 0});
}

asio::awaitable<ApiHttpResponse> Reads::get(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const std::string key = Store::key(target.ns, target.name);
  const std::string_view asked = target.parameter("resourceVersion");
  JsonPtr object;
  if (asked.empty()) {
    object = store_.find(type, key);
    observed(request, Observed::Source::store, target, object);
  } else {
    const auto revision = parse_revision(asked);
    if (!revision) {
      const Refusal refusal{.code = 500,
                            .message = fmt::format("resourceVersion: Invalid value: \"{}\": {}", asked,
                                                   unparsable_revision(asked)),
                            .details = false};
      co_return refusal.response();
    }
    auto view = co_await cached(type, *revision);
    if (!view) co_return view.error().response();
    object = view->shown().find(key);
    if (object) object = type.shown(object);
    observed(request, Observed::Source::cache, target, object);
  }
  if (object == nullptr) co_return not_found(type, target.name).response();
  ApiHttpResponse response;
  response.body = std::move(object);
  co_return std::move(response);
}

/// The rows of the table in kubernetes.md §1.13, but for continued lists.
asio::awaitable<Result<Reads::View, Refusal>> Reads::view_of(const Target& target,
                                                             const ListOptions& options) {
  using Match = ListOptions::Match;
  const ResourceType& type = *target.type;
  if (options.resource_version.empty()) co_return stored(type, std::nullopt);
  if (options.match == Match::exact) co_return stored(type, options.revision);
  const bool legacy_exact = options.limit > 0 && options.match == Match::none && options.revision > 0;
  if (legacy_exact) co_return stored(type, options.revision);
  if (options.limit > 0 && options.revision > 0) {  // paged, not older than: from the store
    if (options.revision > store_.revision()) co_return too_large(options.revision, store_.revision());
    co_return stored(type, std::nullopt);
  }
  auto view = co_await cached(type, options.revision);
  co_return std::move(view);
}

asio::awaitable<ApiHttpResponse> Reads::list(const ApiHttpRequest&, const Target& target) {
  auto options = list_options_of(target, false);
  if (!options) co_return options.error().response();
  if (!options->continue_token.empty()) co_return list_on(target, *options);
  if (options->resource_version == "0" && options->match != ListOptions::Match::exact) options->limit = 0;
  auto view = co_await view_of(target, *options);
  if (!view) co_return view.error().response();
  co_return list_view(target, *options, *view, nullptr);
}

/// A further page.
ApiHttpResponse Reads::list_on(const Target& target, const ListOptions& options) {
  const auto from = parse_continue_token(options.continue_token);
  if (!from) return bad_request("invalid continue token: " + from.error()).response();
  if (options.revision != 0)
    return bad_request("specifying resource version is not allowed when using continue").response();
  if (from->revision < 0) {
    const auto latest = stored(*target.type, std::nullopt);
    return list_view(target, options, *latest, &*from);
  }
  const auto revision = static_cast<std::uint64_t>(from->revision);
  if (revision < store_.compacted()) return page_expired(*from);
  const auto view = stored(*target.type, revision);
  if (!view) return view.error().response();
  return list_view(target, options, *view, &*from);
}

ApiHttpResponse Reads::list_view(const Target& target, const ListOptions& options, const View& view,
                                 const ContinueToken* from) const {
  const ResourceType& type = *target.type;
  const std::string prefix = target.ns.empty() ? std::string() : target.ns + "/";
  const bool goes_on = from != nullptr && from->last >= prefix;
  const auto limit = options.limit > 0 ? static_cast<std::size_t>(options.limit) : std::size_t{0};
  // Counted on the first page and carried from page to page: the snapshot does not change.
  std::int64_t left = from != nullptr && from->revision > 0 ? from->left : -1;
  const bool counts = options.selector.empty() && left < 0;
  ListItems items{.typed = !type.custom};
  std::string_view last;
  std::int64_t shown = 0;
  std::int64_t more = 0;
  view.shown().walk(goes_on ? from->last : prefix, goes_on, [&](std::string_view key, const JsonPtr& object) {
    if (!key.starts_with(prefix)) return false;
    if (limit != 0 && items.objects.size() >= limit) {
      ++more;
      return counts;  // whatever a selector may say of it: the server has not looked
    }
    last = key;
    ++shown;
    if (options.selector.matches(*object)) items.objects.push_back(type.shown(object));
    return true;
  });
  Json metadata{{"resourceVersion", fmt::format("{}", view.revision)}};
  if (type.custom) metadata["continue"] = "";
  if (more > 0) {
    left = !options.selector.empty() ? -1 : counts ? more : left - shown;
    metadata["continue"] =
        to_text(ContinueToken{static_cast<std::int64_t>(view.revision), std::string(last), left});
    if (left > 0) metadata["remainingItemCount"] = left;
  }
  ApiHttpResponse response;
  response.body = std::make_shared<const Json>(Json{
      {"kind", type.list_kind()}, {"apiVersion", type.api_version()}, {"metadata", std::move(metadata)}});
  response.items = std::move(items);
  return response;
}

asio::awaitable<ApiHttpResponse> Reads::watch(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  auto options = list_options_of(target, true);
  if (!options) co_return options.error().response();
  const bool streams_list = options->initial_events.value_or(false);
  const bool from_now = options->revision == 0;
  WatchOptions watch{.scope = {&type, target.ns, request.client}, .selector = std::move(options->selector)};
  for (const FieldRequirement& field : watch.selector.fields()) {
    if (field.path == "metadata.name" && field.equal) watch.name = field.value;
  }
  watch.bookmarks = options->bookmarks;
  watch.initial = streams_list || (from_now && !options->initial_events);
  watch.initial_end = streams_list && options->bookmarks;
  // Without a limit of its own a watch ends after a uniform 30 to 60 minutes (kubernetes.md §1.1).
  watch.timeout += std::chrono::seconds{runtime_.random.below(1800, "watch-timeout")};
  if (options->timeout_seconds.value_or(0) != 0) {
    constexpr std::int64_t kTimeoutMax = std::int64_t{100} * 365 * 24 * 3600;  // what a Duration surely holds
    watch.timeout = std::chrono::seconds{std::clamp(*options->timeout_seconds, std::int64_t{0}, kTimeoutMax)};
  }
  if (!caches_.ready(type)) co_return not_ready(type).response();
  // The latest of now, not whatever the cache has; a cache that does not catch up in time serves what it has.
  std::uint64_t not_older_than = streams_list ? options->revision : 0;
  if (options->resource_version.empty()) not_older_than = store_.revision();
  auto refusal = co_await fresh(type, not_older_than);
  if (refusal && streams_list) co_return refusal->response();
  WatchCache& cache = caches_.of(type);
  watch.from = from_now ? cache.revision() : options->revision;
  ApiHttpResponse response;
  response.watch = cache.watch(std::move(watch));
  if (type.from_storage) response.watch = watch_in_version(std::move(response.watch), type);
  co_return std::move(response);
}

}  // namespace racebed::models

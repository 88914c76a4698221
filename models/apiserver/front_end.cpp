#include "models/apiserver/front_end.hpp"

#include <fmt/format.h>

#include <charconv>

#include "models/apiserver/discovery.hpp"
#include "models/apiserver/selector.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

std::optional<std::uint64_t> parse_revision(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Which fields a selector may name: for a custom resource its name and namespace, for Events what they are
/// about.
bool selectable(const ResourceType& type, std::string_view path) {
  if (path == "metadata.name" || path == "metadata.namespace") return true;
  return type.plural == "events" &&
         (path.starts_with("involvedObject.") || path == "reason" || path == "type");
}

Result<Selector, Refusal> selector_of(const Target& target) {
  auto labels = Selector::parse_labels(target.parameter("labelSelector"));
  if (!labels)
    return bad_request(fmt::format("unable to parse requirement: {}", target.parameter("labelSelector")));
  auto fields = Selector::parse_fields(target.parameter("fieldSelector"));
  if (!fields)
    return bad_request(fmt::format("invalid field selector: {}", target.parameter("fieldSelector")));
  for (const auto& field : *fields) {
    if (!selectable(*target.type, field.path))
      return bad_request(fmt::format("field label not supported: {}", field.path));
  }
  return Selector(std::move(*labels), std::move(*fields));
}

/// The forms of an answer that we have; `*/*` and none at all mean JSON.
bool acceptable(std::string_view accept) {
  return accept.empty() || accept.find("json") != std::string_view::npos ||
         accept.find("*/*") != std::string_view::npos ||
         accept.find("application/*") != std::string_view::npos;
}

Refusal not_acceptable() {
  return {.code = 406,
          .reason = "NotAcceptable",
          .message = "only the following media types are accepted: application/json",
          .details = false};
}

/// What a typed server leaves out of the items of its lists.
Json as_item(const ResourceType& type, const Json& object) {
  Json item = object;
  if (!type.custom) {
    item.erase("kind");
    item.erase("apiVersion");
  }
  return item;
}

/// A continue token: the revision the list began at and the last key that it showed.
std::string continue_token(std::uint64_t revision, std::string_view last_key) {
  return fmt::format("{}:{}", revision, last_key);
}

/// The reason that goes with a status when nothing more is known.
std::string usual_reason(int status) {
  switch (status) {
    case 409:
      return "Conflict";
    case 429:
      return "TooManyRequests";
    case 500:
      return "InternalError";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return {};
  }
}

std::string reason_of(const ApiHttpResponse& response) {
  return response.body ? response.body->value("reason", "") : std::string();
}

}  // namespace

FrontEnd::FrontEnd(Runtime& runtime, Store& store, const Registry& registry, FrontEndPolicy& policy,
                   Ledger& ledger)
    : runtime_(runtime),
      store_(store),
      registry_(registry),
      policy_(policy),
      ledger_(ledger),
      writes_(runtime, store, registry),
      delayed_changed_(runtime.clock) {
  // From now on every change passes through a cache, so that a watch from any revision listed since is
  // served.
  for (const auto& type : registry_.types()) cache_of(*type);
  store_.on_change([this](const Change& change) { on_change(change); });
}

asio::awaitable<std::optional<ApiHttpResponse>> FrontEnd::handle(ApiHttpRequest request) {
  const RequestVerdict verdict = policy_.request(request);
  if (verdict.delay > Duration{0}) co_await runtime_.clock.sleep_for(verdict.delay);
  switch (verdict.outcome) {
    case RequestVerdict::Outcome::lose_before_commit:
      co_return std::nullopt;
    case RequestVerdict::Outcome::refuse: {
      Refusal refusal{.code = verdict.status,
                      .reason = usual_reason(verdict.status),
                      .message = "refused",
                      .details = false};
      refusal.retry_after_seconds = static_cast<int>(verdict.retry_after / std::chrono::seconds{1});
      co_return refusal.response();
    }
    case RequestVerdict::Outcome::serve:
    case RequestVerdict::Outcome::commit_then_lose:
      break;
  }
  ApiHttpResponse response = serve(request);
  if (verdict.outcome == RequestVerdict::Outcome::commit_then_lose) co_return std::nullopt;
  co_return std::move(response);
}

ApiHttpResponse FrontEnd::serve(const ApiHttpRequest& request) {
  const auto target = parse_target(request.target, registry_);
  if (!target) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    auto found = request.method == "GET" ? discover(path, registry_) : std::nullopt;
    return found ? std::move(*found) : page_not_found();
  }
  if (!acceptable(request.accept)) return not_acceptable().response();
  if (!target->subresource.empty() && (target->subresource != "status" || !target->type->has_status)) {
    return not_found(*target->type, target->name).response();
  }
  if (target->name.empty()) return serve_collection(request, *target);
  if (request.method == "GET") return get(request, *target);
  ApiHttpResponse response;
  if (request.method == "POST" && target->subresource.empty()) {
    return serve_collection(request, *target);  // the name in the path is ignored (create-to-name-path-...)
  }
  if (request.method == "PUT") {
    response = writes_.update(request, *target);
  } else if (request.method == "PATCH") {
    response = writes_.patch(request, *target);
  } else if (request.method == "DELETE" && target->subresource.empty()) {
    response = writes_.remove(request, *target);
  } else {
    return method_not_allowed(*target->type, request.method == "DELETE" ? "delete" : "create").response();
  }
  if (response.status >= 400) {
    ledger_.record(request.client, Refused{request.method,
                                           {target->type->plural, target->ns, target->name, ""},
                                           response.status,
                                           reason_of(response)});
  }
  return response;
}

ApiHttpResponse FrontEnd::serve_collection(const ApiHttpRequest& request, const Target& target) {
  if (request.method == "GET") return target.flag("watch") ? watch(request, target) : list(request, target);
  if (request.method == "DELETE") return writes_.remove_collection(request, target);
  if (request.method != "POST")
    return method_not_allowed(*target.type, request.method == "PUT" ? "update" : "patch").response();
  ApiHttpResponse response = writes_.create(request, target);
  if (response.status >= 400) {
    const std::string name = request.body ? metadata_text(*request.body, "name") : std::string();
    ledger_.record(
        request.client,
        Refused{"POST", {target.type->plural, target.ns, name, ""}, response.status, reason_of(response)});
  }
  return response;
}

void FrontEnd::observed(const ApiHttpRequest& request, Observed::Source source, const ResourceType& type,
                        const Target& target, const JsonPtr& object) {
  if (!type.custom) return;  // what is believed of leases and events decides nothing that an invariant judges
  ObjectRef ref = object ? ref_of(type, *object) : ObjectRef{type.plural, target.ns, target.name, ""};
  ledger_.record(request.client, Observed{source, std::move(ref), object ? revision_of(*object) : 0});
}

ApiHttpResponse FrontEnd::get(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const std::string key = Store::key(target.ns, target.name);
  const bool from_cache = target.parameter("resourceVersion") == "0";
  JsonPtr object = store_.find(type, key);
  if (from_cache) {
    const auto& cached = cache_of(type).objects();
    const auto found = cached.find(key);
    object = found == cached.end() ? nullptr : found->second;
  }
  observed(request, from_cache ? Observed::Source::cache : Observed::Source::store, type, target, object);
  if (object == nullptr) return not_found(type, target.name).response();
  return {.body = std::move(object)};
}

ApiHttpResponse FrontEnd::list(const ApiHttpRequest&, const Target& target) {
  const ResourceType& type = *target.type;
  const auto selector = selector_of(target);
  if (!selector) return selector.error().response();
  const std::string_view asked = target.parameter("resourceVersion");
  if (!asked.empty() && !parse_revision(asked)) {
    return Refusal{.code = 500,
                   .message = fmt::format("resourceVersion: Invalid value: \"{}\": invalid syntax", asked),
                   .details = false}
        .response();
  }
  const bool from_cache = asked == "0";
  const Store::Objects& all = from_cache ? cache_of(type).objects() : store_.objects(type);
  const std::uint64_t revision = from_cache ? cache_of(type).revision() : store_.revision();
  const std::uint64_t limit = parse_revision(target.parameter("limit")).value_or(0);
  const std::string_view from = target.parameter("continue");
  const std::string_view after = from.empty() ? from : from.substr(std::min(from.size(), from.find(':') + 1));
  Json items = Json::array();
  std::uint64_t remaining = 0;
  std::string_view last;
  for (auto it = after.empty() ? all.begin() : all.upper_bound(after); it != all.end(); ++it) {
    const auto& [key, object] = *it;
    if (!target.ns.empty() && metadata_text(*object, "namespace") != target.ns) continue;
    if (!selector->matches(*object)) continue;
    if (limit != 0 && items.size() >= limit) {
      ++remaining;
      continue;
    }
    items.push_back(as_item(type, *object));
    last = key;
  }
  Json metadata{{"resourceVersion", fmt::format("{}", revision)}};
  if (type.custom) metadata["continue"] = "";
  if (remaining > 0) {
    metadata["continue"] = continue_token(revision, last);
    if (selector->empty()) metadata["remainingItemCount"] = remaining;
  }
  return {.body = std::make_shared<const Json>(Json{{"kind", type.list_kind()},
                                                    {"apiVersion", type.api_version()},
                                                    {"metadata", std::move(metadata)},
                                                    {"items", std::move(items)}})};
}

ApiHttpResponse FrontEnd::watch(const ApiHttpRequest&, const Target& target) {
  auto selector = selector_of(target);
  if (!selector) return selector.error().response();
  WatchOptions options{
      .ns = target.ns, .selector = std::move(*selector), .bookmarks = target.flag("allowWatchBookmarks")};
  if (const std::string_view text = target.parameter("resourceVersion"); !text.empty()) {
    const auto revision = parse_revision(text);
    if (!revision)
      return invalid(*target.type, "", {{"FieldValueInvalid", "resourceVersion", "Invalid value"}})
          .response();
    options.from = *revision;
  }
  // Without a limit of its own a watch ends after a uniform 30 to 60 minutes (kubernetes.md §1.1).
  options.timeout += std::chrono::seconds{runtime_.random.below(1800, "watch-timeout")};
  if (const auto seconds = parse_revision(target.parameter("timeoutSeconds")))
    options.timeout = std::chrono::seconds{*seconds};
  return {.watch = cache_of(*target.type).watch(std::move(options))};
}

WatchCache& FrontEnd::cache_of(const ResourceType& type) {
  auto& cache = caches_[&type];
  if (!cache) {
    cache = std::make_shared<WatchCache>(runtime_.clock, type);
    cache->prime(store_.objects(type), store_.revision());
  }
  return *cache;
}

void FrontEnd::on_change(const Change& change) {
  WatchCache& cache = cache_of(*change.type);
  if (change.revision <= cache.revision()) return;  // the cache was made just now, with this change in it
  const Duration lag = policy_.cache_lag(change);
  const Instant now = runtime_.clock.steady_now();
  if (lag == Duration{0} && delayed_.empty()) {
    cache.apply(change);
    return;
  }
  last_due_ = std::max(last_due_ + Duration{1}, now + lag);
  delayed_.push_back({last_due_, change});
  delayed_changed_.notify_all();
}

asio::awaitable<void> FrontEnd::run() {
  for (;;) {
    while (delayed_.empty()) co_await delayed_changed_.wait();
    co_await runtime_.clock.sleep_until(delayed_.front().due);
    Delayed next = std::move(delayed_.front());
    delayed_.pop_front();
    cache_of(*next.change.type).apply(next.change);
  }
}

}  // namespace racebed::models

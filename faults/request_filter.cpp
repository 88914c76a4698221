#include "faults/request_filter.hpp"

#include <algorithm>
#include <vector>

#include "faults/active.hpp"

namespace racebed::faults {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

bool is_watch(std::string_view target) {
  const std::size_t query = target.find('?');
  if (query == std::string_view::npos) return false;
  const std::string_view parameters = target.substr(query + 1);
  return parameters.find("watch=1") != std::string_view::npos ||
         parameters.find("watch=true") != std::string_view::npos;
}

}  // namespace

bool names_resource(std::string_view target, std::string_view resource) {
  const auto path = segments_of(target.substr(0, target.find('?')));
  const auto wanted = segments_of(resource);
  const auto found = std::find(path.begin(), path.end(), wanted.front());
  if (found == path.end() || wanted.size() == 1) return found != path.end();
  return path.end() - found == 3 && found[2] == wanted[1];  // PLURAL/NAME/SUBRESOURCE
}

bool concerns(const RequestFilter& filter, const models::ApiHttpRequest& request) {
  const auto any = [](const std::vector<std::string>& list, auto&& test) {
    return list.empty() || std::ranges::any_of(list, test);
  };
  const std::string_view verb =
      request.method == "GET" && is_watch(request.target) ? "WATCH" : std::string_view(request.method);
  return any(filter.verbs, [&](const std::string& wanted) { return wanted == verb; }) &&
         any(filter.resources,
             [&](const std::string& wanted) { return names_resource(request.target, wanted); }) &&
         any(filter.clients,
             [&](const std::string& wanted) { return is_named(wanted, request.client.process); });
}

}  // namespace racebed::faults

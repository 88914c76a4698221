// An API server with a namespace, a configmap and a notification in it, made anew for each input.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "models/apiserver/front_end.hpp"

namespace racebed::fuzz {

inline const std::string kConfigMaps = "/api/v1/namespaces/default/configmaps";
inline const std::string kNotifications =
    "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests";

struct Server {
  explicit Server(Runtime& runtime);
  models::Ledger ledger;
  models::Store store;
  models::Registry registry;
  models::FrontEndPolicy policy;
  models::FrontEnd front_end;

  asio::awaitable<void> fill();
  /// A status that no client can bring about, or an answer that is no UTF-8, is a fault of ours.
  asio::awaitable<int> call(std::string method, std::string target, std::string bytes,
                            std::string content_type = "application/json");
};

/// Runs `main` as the server's process until nothing moves any more, at most for a virtual hour.
void in_server(const std::function<asio::awaitable<void>(Server&)>& main);

/// The two sides of the first line "===", or everything and nothing.
std::pair<std::string_view, std::string_view> split(std::string_view text);
/// The first line, which is taken away.
std::string_view take_line(std::string_view& text);

}  // namespace racebed::fuzz

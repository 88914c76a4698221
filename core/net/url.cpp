#include <algorithm>
#include <charconv>

#include "core/net/https_client.hpp"

namespace racebed::net {

std::optional<Url> parse_url(std::string_view text) {
  // A space or a control character would end the request's first line early.
  const auto forbidden = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), forbidden)) return std::nullopt;
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  url.scheme = text.substr(0, colon);
  if (url.scheme != "https" && url.scheme != "http") return std::nullopt;
  url.port = url.scheme == "https" ? 443 : 80;
  text.remove_prefix(colon + 3);
  const std::size_t end = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  if (const std::size_t at = authority.rfind(':'); at != std::string_view::npos) {
    const std::string_view port = authority.substr(at + 1);
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || stop != port.data() + port.size() || url.port == 0) return std::nullopt;
    authority = authority.substr(0, at);
  }
  if (authority.empty()) return std::nullopt;
  url.host = authority;
  url.target = "/";
  if (end != std::string_view::npos) {
    const std::string_view rest = text.substr(end, text.find('#') - end);
    url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  }
  return url;
}

}  // namespace racebed::net

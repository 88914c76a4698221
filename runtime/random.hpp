// Randomness of one process. In the simulation every draw is a recorded choice; live it comes from the
// operating system. Each place that draws has a name, its site, so that a new draw in one place does not
// shift the values that others get.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace racebed {

/// The name of a place where something is drawn or chosen: a string literal in kebab-case, hashed at compile
/// time. Two sites are equal when their names are.
class Site {
 public:
  template <std::size_t N>
  consteval Site(const char (&name)[N]) : name_(name), hash_(fnv1a(std::string_view(name, N - 1))) {}
  constexpr std::string_view name() const { return name_; }
  constexpr std::uint64_t hash() const { return hash_; }
  friend constexpr bool operator==(Site a, Site b) { return a.hash_ == b.hash_; }

 private:
  static constexpr std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t h = 14695981039346656037ULL;
    for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return h;
  }
  std::string_view name_;
  std::uint64_t hash_;
};

class Random {
 public:
  virtual ~Random() = default;
  /// A value in [0, n), uniform; n >= 1. By rule, 0 is the dullest outcome: write
  /// `base + below(spread)`, never the other way round.
  virtual std::uint64_t below(std::uint64_t n, Site site) = 0;
};

/// A random UUID, version 4 (RFC 9562 §5.4), in lower-case text.
std::string uuid_v4(Random& random, Site site);

}  // namespace racebed

// The run's identity: a streaming 128-bit hash over 64-bit words, in layers. Not cryptographic; the same on
// every compiler and machine. Two runs are equal when their layers are; when they are not, the first layer
// that differs says what moved.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace racebed::sim {

class Hash128 {
 public:
  void add(std::uint64_t word) {
    low_ = (low_ ^ word) * 0x9e3779b97f4a7c15ULL;
    low_ ^= low_ >> 29;
    high_ = (high_ + low_) * 0xff51afd7ed558ccdULL;
    high_ ^= high_ >> 32;
  }
  /// Bytes and their number, so that "ab","c" differs from "a","bc".
  void add(std::string_view bytes) {
    add(static_cast<std::uint64_t>(bytes.size()));
    while (bytes.size() >= sizeof(std::uint64_t)) {
      add(little_endian(bytes.data(), sizeof(std::uint64_t)));
      bytes.remove_prefix(sizeof(std::uint64_t));
    }
    if (!bytes.empty()) add(little_endian(bytes.data(), bytes.size()));
  }
  std::uint64_t low() const { return low_; }
  std::uint64_t high() const { return high_; }
  /// 32 lower-case hexadecimal digits.
  std::string text() const;
  friend bool operator==(const Hash128&, const Hash128&) = default;

 private:
  static std::uint64_t little_endian(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return word;
  }
  std::uint64_t low_ = 0x243f6a8885a308d3ULL;
  std::uint64_t high_ = 0x13198a2e03707344ULL;
};

struct RunHash {
  Hash128 choices;   // every choice: site, bound, value
  Hash128 order;     // which task of which process ran, in order
  Hash128 times;     // when each ran
  Hash128 contents;  // trace events and bytes on the wire

  /// One hash over all layers.
  Hash128 total() const;
  /// "choices", "order", "times", "contents": the first layer in which the two differ; empty if they are
  /// equal.
  static std::string_view first_difference(const RunHash& a, const RunHash& b);
  friend bool operator==(const RunHash&, const RunHash&) = default;
};

}  // namespace racebed::sim

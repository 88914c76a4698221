// Protocol Buffers' wire format, as much of it as Kubernetes' own messages need.
// https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace racebed::models {

class ProtobufWriter {
 public:
  /// A string, bytes, or a message inside this one.
  void bytes(int field, std::string_view value) {
    constexpr std::uint64_t kLengthDelimited = 2;
    varint((static_cast<std::uint64_t>(field) << 3) | kLengthDelimited);
    varint(value.size());
    text_.append(value);
  }
  const std::string& text() const { return text_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>((value & 0x7f) | 0x80);
    text_ += static_cast<char>(value);
  }
  std::string text_;
};

struct ProtobufField {
  int number = 0;
  std::uint64_t integer = 0;  // of a varint
  std::string_view bytes{};   // of a string, bytes, or a message
};

/// The fields of a message, one after the other. The message must outlive it.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}
  /// Nothing at the end, or where what follows is no field: see broken().
  std::optional<ProtobufField> next();
  bool broken() const { return broken_; }

 private:
  std::optional<std::uint64_t> varint();
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace racebed::models

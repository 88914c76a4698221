#include "models/apiserver/protobuf.hpp"

namespace racebed::models {

std::optional<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  broken_ = true;
  return std::nullopt;
}

std::optional<ProtobufField> ProtobufReader::next() {
  constexpr std::uint64_t kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5;
  if (rest_.empty() || broken_) return std::nullopt;
  const auto tag = varint();
  if (!tag) return std::nullopt;
  ProtobufField field{.number = static_cast<int>(*tag >> 3)};
  std::uint64_t skipped = 0;
  switch (*tag & 7) {
    case kVarint: {
      const auto value = varint();
      if (!value) return std::nullopt;
      field.integer = *value;
      return field;
    }
    case kLengthDelimited: {
      const auto size = varint();
      if (!size) return std::nullopt;
      skipped = *size;
      break;
    }
    case kFixed64:
      skipped = 8;
      break;
    case kFixed32:
      skipped = 4;
      break;
    default:
      broken_ = true;
      return std::nullopt;
  }
  if (skipped > rest_.size()) {
    broken_ = true;
    return std::nullopt;
  }
  field.bytes = rest_.substr(0, skipped);
  rest_.remove_prefix(skipped);
  return field;
}

}  // namespace racebed::models

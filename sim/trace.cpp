#include "sim/trace.hpp"

#include <fmt/format.h>

namespace racebed::sim {
namespace {

void hash_value(Hash128& hash, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    hash.add(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    hash.add(static_cast<std::uint64_t>(*number));
  } else {
    hash.add(std::get<std::uint64_t>(field.value));
  }
}

std::string rendered(std::initializer_list<Field> fields) {
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += ' ';
    std::visit(
        [&](const auto& value) { fmt::format_to(std::back_inserter(text), "{}={}", field.name, value); },
        field.value);
  }
  return text;
}

}  // namespace

std::uint64_t Trace::emit(const Origin& origin, std::string_view kind, std::initializer_list<Field> fields) {
  ++count_;
  hash_.add(static_cast<std::uint64_t>(origin.time.time_since_epoch().count()));
  hash_.add(origin.process);
  hash_.add((std::uint64_t{origin.incarnation} << 32) | origin.task);
  hash_.add(origin.cause);
  hash_.add(kind);
  for (const Field& field : fields) hash_value(hash_, field);
  if (sink_) render(origin, kind, fields);
  return count_;
}

void Trace::render(const Origin& origin, std::string_view kind, std::initializer_list<Field> fields) {
  TraceEvent event;
  event.number = count_;
  event.cause = origin.cause;
  event.time = origin.time;
  if (!origin.process.empty()) event.process = fmt::format("{}#{}", origin.process, origin.incarnation);
  event.task = origin.task;
  event.kind = kind;
  event.fields = rendered(fields);
  event.digest = hash_.low();  // of all events so far, this one included
  sink_(event);
}

}  // namespace racebed::sim

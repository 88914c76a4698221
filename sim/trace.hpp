// What happened in a run, as structured events. Every event goes through the run's hash whether or not it is
// kept; keeping them is for people and for replays that name the first event that differs.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/time.hpp"
#include "sim/hash.hpp"

namespace racebed::sim {

/// A named value of an event. Never an address, never anything that two equal runs could differ in.
struct Field {
  std::string_view name;
  std::variant<std::int64_t, std::uint64_t, std::string_view> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, std::int64_t v) : name(n), value(v) {}
  Field(std::string_view n, std::uint64_t v) : name(n), value(v) {}
  Field(std::string_view n, std::uint32_t v) : name(n), value(std::uint64_t{v}) {}
};

struct TraceEvent {
  std::uint64_t number = 0;  // from 1, in order
  std::uint64_t cause = 0;   // number of the event that led to this one; 0: none
  Time time;                 // virtual
  std::string process;       // "controller-0#2" (name and incarnation); empty for the world's own
  std::uint32_t task = 0;    // id in the kernel; 0: none
  std::string kind;          // kebab-case
  std::string fields;        // "name=value name=value", as printed
  std::uint64_t digest = 0;  // of everything above
};

class Trace {
 public:
  /// Hears of each event as it happens; setting one makes the trace render events. Null turns rendering off.
  using Sink = std::function<void(const TraceEvent&)>;
  void set_sink(Sink sink) { sink_ = std::move(sink); }
  bool rendering() const { return sink_ != nullptr; }

  std::uint64_t events() const { return count_; }
  const Hash128& hash() const { return hash_; }

  struct Origin {
    Time time;
    std::string_view process;  // name only
    std::uint32_t incarnation = 0;
    std::uint32_t task = 0;
    std::uint64_t cause = 0;
  };
  /// Returns the event's number.
  std::uint64_t emit(const Origin& origin, std::string_view kind, std::initializer_list<Field> fields);
  /// Bytes that went over a wire: hashed, never kept.
  void wire(std::uint64_t connection, std::string_view bytes) {
    hash_.add(connection);
    hash_.add(bytes);
  }

 private:
  void render(const Origin& origin, std::string_view kind, std::initializer_list<Field> fields);
  Sink sink_;
  std::uint64_t count_ = 0;
  Hash128 hash_;
};

}  // namespace racebed::sim

// What faults act on, besides the questions that models ask: the world that hosts them provides it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "models/apiserver/front_end.hpp"
#include "models/apiserver/store.hpp"
#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::faults {

/// How other clients write an object: so many of them, each every so often, so much.
struct Meddling {
  std::uint64_t clients = 1;
  Duration every{0};
  std::uint64_t bytes = 0;  // 0: a few words
};

class Surroundings {
 public:
  virtual ~Surroundings() = default;

  /// The front end of an API server process; null while it is down.
  virtual models::FrontEnd* front_end(std::string_view api_server) = 0;
  virtual models::Store& store() = 0;

  /// Every controller is replaced in turn: its successor starts, and `every` later it is asked to end.
  virtual void roll_controllers(Duration every) = 0;

  // What other clients of the API do; each begins at once and goes its own way.
  // ---------------------------------------------------------------------------
  /// `count` more notifications, over `over`; `accelerating`: faster and faster.
  virtual void create_more(std::uint64_t count, Duration over, bool accelerating) = 0;
  virtual void remove(const models::ObjectRef& notification, std::uint64_t clients) = 0;
  virtual void recreate(const models::ObjectRef& notification, Duration gap) = 0;
  /// Until `over()`: each client writes something of its own into the object.
  virtual void meddle(const models::ObjectRef& notification, bool with_status, Meddling how,
                      std::function<bool()> over) = 0;
  virtual void remove_lease() = 0;
};

}  // namespace racebed::faults

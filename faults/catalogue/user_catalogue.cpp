// What the clients of the API can do at a bad moment, and how much of it.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo users(std::string_view id, std::string_view family, bool lasts, std::string_view stands_for,
                std::vector<ParameterInfo> parameters = {}) {
  return {id, family, Place::users, lasts, stands_for, std::move(parameters)};
}

}  // namespace

std::vector<FaultInfo> user_catalogue() {
  return {
      users("load-burst", "load", false, "many notifications at once (an alert storm)",
            {integer("count", 1, 10'000, 50, "how many")}),
      users("load-ramp", "load", false, "more and more notifications",
            {integer("count", 1, 10'000, 50, "how many"),
             duration("over", 24h, 1min, "from the first to the last, faster and faster")}),
      {"channel-outage",
       "load",
       Place::slack,
       true,
       "the channel is down for long while work keeps coming",
       {integer("status", 500, 599, 503, "what its gateway answers, its history too")}},
      users("user-deletes", "users", false, "somebody deletes the notification that the moment is about",
            {integer("clients", 1, 20, 1, "how many clients delete it at once")}),
      users("user-recreates", "users", false,
            "somebody deletes the notification that the moment is about and creates it again",
            {duration("gap", 1h, 0s, "between the two")}),
      users("user-writes-status", "users", true, "other clients write the same object's status",
            {integer("clients", 1, 50, 10, "how many"), duration("every", 1h, 200ms, "each of them"),
             integer("bytes", 0, 1'000'000, 0, "the length of what each writes; 0: a few words")}),
      users("user-writes-labels", "users", true, "other clients write the same object's labels",
            {integer("clients", 1, 50, 1, "how many"), duration("every", 1h, 200ms, "each of them")}),
      users("user-deletes-lease", "users", false, "somebody deletes the lease"),
  };
}

}  // namespace racebed::faults

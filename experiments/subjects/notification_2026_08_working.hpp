// What a reconcile of the controller of 2026-08 holds of a NotificationRequest: one variable, filled by reads
// and changed in place (notification.md D.2).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/object.hpp"
#include "core/kube/resource.hpp"
#include "experiments/subjects/notification_2026_08_backoff.hpp"

namespace racebed::experiments::august_2026 {

using kube::Json;
using kube::Object;
using kube::ObjectKey;

kube::Resource notification_requests();

/// An attempt as the delivery loop makes it; whole seconds only once it is written.
struct Attempt {
  std::string channel;
  std::int64_t number = 0;
  Time timestamp;
  bool success = false;
  std::string error;
  Duration took{0};
};
Json to_json(const Attempt& attempt);

class Working {
 public:
  explicit Working(Object read) { take(std::move(read)); }
  /// Everything that was held before is gone.
  void take(Object read);

  const Object& object() const { return object_; }
  const Json& spec() const { return object_.json().at("spec"); }
  std::string uid() const { return std::string(object_.uid()); }
  std::vector<std::string> channels() const;
  RetryPolicy policy() const;

  Json status = Json::object();
  std::string phase() const { return status.value("phase", ""); }
  std::int64_t counter(const char* name) const { return status.value(name, std::int64_t{0}); }
  /// In list order; empty if there are none.
  const Json& attempts() const;
  std::int64_t attempts_of(const std::string& channel) const;
  bool has_recorded_success(const std::string& channel) const;
  /// C.3: by the text of any failed attempt of the channel.
  bool has_permanent_error(const std::string& channel) const;

  /// meta.SetStatusCondition: the time changes only with the status.
  void set_condition(const char* type, const char* value, const char* reason, const char* message, Time now);
  /// The condition of that type, or null.
  Json condition(std::string_view type) const;
  void put_condition(Json condition);

 private:
  Object object_;
};

bool is_terminal(std::string_view phase);
/// The table of D.2.
bool can_transition(std::string_view from, std::string_view to);

}  // namespace racebed::experiments::august_2026

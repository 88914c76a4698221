// Faults of one API server: answers its questions, on top of a calm policy.
#pragma once

#include <map>

#include "faults/active.hpp"
#include "models/apiserver/front_end_policy.hpp"
#include "sim/kernel.hpp"

namespace racebed::faults {

class ApiFaults final : public models::FrontEndPolicy {
 public:
  /// Of the process `server`. All must outlive it.
  ApiFaults(sim::Kernel& kernel, std::string server, models::FrontEndPolicy& calm)
      : kernel_(kernel), server_(std::move(server)), calm_(calm) {}
  /// A fault that does not concern this server is left out.
  void begin(const ActivePtr& fault);

  models::RequestVerdict request(const models::ApiHttpRequest& request) override;
  Duration cache_lag(const models::Change& change) override;
  models::WatchVerdict watch_event(const models::WatchScope& scope, const models::WatchEvent& event,
                                   std::uint64_t number) override;
  bool bookmark(const models::WatchScope& scope) override;
  Duration watch_delay(const models::WatchScope& scope, const models::Change& change) override;

 private:
  Duration until_over(const Active& fault) const;
  sim::Kernel& kernel_;
  std::string server_;
  models::FrontEndPolicy& calm_;
  ActiveSet requests_;
  ActiveSet caches_;
};

}  // namespace racebed::faults

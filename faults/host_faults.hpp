// Faults of what controllers write to besides Slack and the API server: answers the questions of their disks,
// of their outputs, and of the audit service.
#pragma once

#include "faults/active.hpp"
#include "models/sinks/audit_sink.hpp"
#include "models/sinks/disk_policy.hpp"

namespace racebed::faults {

class HostFaults final : public models::DiskPolicy, public models::AuditPolicy {
 public:
  explicit HostFaults(sim::Choices& choices) : choices_(choices) {}
  void begin(ActivePtr fault) { faults_.add(std::move(fault)); }

  models::DiskVerdict disk(const std::string& process, models::DiskOperation operation) override;
  /// Whether a write to the output `channel` ("console", "log") succeeds.
  ErrorCode output(const std::string& process, std::string_view channel);
  models::AuditVerdict audit(const std::string& process) override;
  bool refuses_record(const std::string& process, std::string_view event) override;

 private:
  sim::Choices& choices_;
  ActiveSet faults_;
};

}  // namespace racebed::faults

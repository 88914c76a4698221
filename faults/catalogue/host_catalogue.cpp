// What can go wrong with a controller's own disk and outputs, and with the audit service.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo disk(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters = {}) {
  return {id, "disk", Place::host, true, stands_for, std::move(parameters)};
}
FaultInfo audit(std::string_view id, std::string_view stands_for,
                std::vector<ParameterInfo> parameters = {}) {
  return {id, "audit", Place::host, true, stands_for, std::move(parameters)};
}

}  // namespace

std::vector<FaultInfo> host_catalogue() {
  return {
      disk("disk-full", "a volume is full: a write fails and leaves the beginning of the file"),
      disk("disk-error", "a volume reports an error of input or output",
           {word("operation", {"write", "sync", "rename"}, "which calls fail")}),
      disk("disk-slow", "a volume on the network answers late, or hangs",
           {duration("delay", 24h, 3s, "before each write, sync and rename")}),
      disk("output-closed", "nobody reads a container's output any more: writes to it fail",
           {word("channel", {"console", "log"}, "which output")}),
      audit("audit-unavailable", "the audit service is down: it takes no record"),
      audit("audit-answer-lost", "the audit service takes a batch, and its answer is lost"),
      audit(
          "audit-refuses-record",
          "a release of controller or audit service whose schema has no place for some records: they cannot "
          "be made",
          {word("event", {"message.sent", "message.failed", "message.acknowledged", "message.escalated"},
                "which records")}),
  };
}

}  // namespace racebed::faults

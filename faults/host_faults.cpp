#include "faults/host_faults.hpp"

#include <boost/system/errc.hpp>

namespace racebed::faults {
namespace {

using boost::system::errc::make_error_code;
using models::DiskOperation;

bool is_about(const Active& fault, DiskOperation operation) {
  if (fault.is("disk-full")) return operation == DiskOperation::write;
  if (fault.is("disk-slow")) return operation != DiskOperation::read;
  if (!fault.is("disk-error")) return false;
  const std::string_view which = fault.word("operation");
  return (which == "write" && operation == DiskOperation::write) ||
         (which == "sync" && operation == DiskOperation::sync) ||
         (which == "rename" && operation == DiskOperation::rename);
}

}  // namespace

models::DiskVerdict HostFaults::disk(const std::string& process, DiskOperation operation) {
  models::DiskVerdict verdict;
  for (const ActivePtr& fault : faults_.now()) {
    if (!fault->covers(process) || !is_about(*fault, operation) || !fault->strikes(choices_)) continue;
    if (fault->is("disk-slow")) verdict.takes += fault->duration("delay");
    if (fault->is("disk-error")) verdict.error = make_error_code(boost::system::errc::io_error);
    if (fault->is("disk-full")) {
      verdict.error = make_error_code(boost::system::errc::no_space_on_device);
      verdict.leaves_a_part = true;
    }
  }
  return verdict;
}

ErrorCode HostFaults::output(const std::string& process, std::string_view channel) {
  for (const ActivePtr& fault : faults_.now()) {
    if (fault->is("output-closed") && fault->covers(process) && fault->word("channel") == channel &&
        fault->strikes(choices_))
      return make_error_code(boost::system::errc::broken_pipe);
  }
  return {};
}

models::AuditVerdict HostFaults::audit(const std::string& process) {
  for (const ActivePtr& fault : faults_.now()) {
    const bool about = fault->is("audit-unavailable") || fault->is("audit-answer-lost");
    if (!about || !fault->covers(process) || !fault->strikes(choices_)) continue;
    return fault->is("audit-unavailable") ? models::AuditVerdict::unavailable
                                          : models::AuditVerdict::answer_lost;
  }
  return models::AuditVerdict::take;
}

bool HostFaults::refuses_record(const std::string& process, std::string_view event) {
  for (const ActivePtr& fault : faults_.now()) {
    if (fault->is("audit-refuses-record") && fault->covers(process) && fault->word("event") == event &&
        fault->strikes(choices_))
      return true;
  }
  return false;
}

}  // namespace racebed::faults

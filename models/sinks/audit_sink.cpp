#include "models/sinks/audit_sink.hpp"

#include <boost/system/errc.hpp>
#include <nlohmann/json.hpp>

namespace racebed::models {

using boost::system::errc::make_error_code;

ErrorCode AuditSink::take(const std::vector<Json>& records) {
  for (const Json& record : records) {
    if (const ErrorCode error = check(record)) return error;
  }
  const AuditVerdict verdict = policy_.audit(writer_().process);
  if (verdict == AuditVerdict::unavailable) return make_error_code(boost::system::errc::connection_refused);
  for (const Json& record : records)
    ledger_.record(writer_(), Claimed{"audit", std::make_shared<const Json>(record)});
  if (verdict == AuditVerdict::answer_lost) return make_error_code(boost::system::errc::connection_reset);
  return {};
}

ErrorCode AuditSink::check(const Json& record) {
  std::string event = record.value("event", "");
  if (event.starts_with("notification.")) event.erase(0, std::string_view("notification.").size());
  if (!policy_.refuses_record(writer_().process, event)) return {};
  return make_error_code(boost::system::errc::invalid_argument);
}

}  // namespace racebed::models

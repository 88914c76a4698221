// Audit records and a sink that does not always take them.
#include "core/notification/audit_outbox.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

using namespace racebed::notification;

namespace {

struct Moody final : AuditSink {
  std::function<bool(const AuditRecord&)> takes = [](const AuditRecord&) { return true; };
  std::vector<std::string> taken;
  bool record(const AuditRecord& record) override {
    if (!takes(record)) return false;
    taken.push_back(record.uid);
    return true;
  }
};

AuditRecord about(const std::string& uid) {
  AuditRecord record;
  record.uid = uid;
  return record;
}

}  // namespace

TEST_CASE("what the sink does not take is owed, and offered again until it does") {
  Moody sink;
  AuditOutbox outbox(&sink, 10);
  sink.takes = [](const AuditRecord&) { return false; };
  CHECK(outbox.say(about("1")));
  CHECK(outbox.say(about("2")));
  CHECK_FALSE(outbox.settle());
  sink.takes = [](const AuditRecord&) { return true; };
  CHECK(outbox.settle());
  CHECK(sink.taken.size() == 2);
  CHECK(outbox.settle());
  CHECK(sink.taken.size() == 2);
}

TEST_CASE("a record that the sink never takes does not keep the others") {
  Moody sink;
  AuditOutbox outbox(&sink, 10);
  sink.takes = [](const AuditRecord&) { return false; };
  for (const char* uid : {"bad", "1", "2"}) outbox.say(about(uid));
  sink.takes = [](const AuditRecord& record) { return record.uid != "bad"; };
  CHECK(outbox.say(about("3")));
  CHECK_FALSE(outbox.settle());
  CHECK_FALSE(outbox.settle());
  CHECK(sink.taken == std::vector<std::string>{"3", "1", "2"});
}

TEST_CASE("where there is no room a record stays with who has it") {
  Moody sink;
  AuditOutbox outbox(&sink, 1);
  sink.takes = [](const AuditRecord&) { return false; };
  CHECK(outbox.say(about("1")));
  CHECK_FALSE(outbox.say(about("2")));
  AuditOutbox nowhere(nullptr, 1);
  CHECK(nowhere.say(about("1")));
  CHECK(nowhere.settle());
}

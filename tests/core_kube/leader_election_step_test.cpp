// Stories of electors on one lease, call by call, on hand-made clocks; each call can be made to fail.
#include "core/kube/leader_election_step.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace racebed::kube {
namespace {

using namespace std::chrono_literals;
using Call = LeaderElectionStep::Call;
using Code = ApiError::Code;

ApiError failure(Code code) {
  ApiError error;
  error.code = code;
  error.message = std::string(to_string(code));
  if (code == Code::transport_unknown) error.outcome = ApiError::Outcome::unknown;
  return error;
}

LeaderElectionStep::Moment at(Duration since_start) {
  return {Time{std::chrono::seconds{1764374400}} + since_start, Instant{1h} + since_start};
}

/// A server that holds one lease and checks resourceVersions; `fault` may spoil each call.
struct LeaseServer {
  enum class Fault { none, refused, answer_lost };
  Object lease;
  std::int64_t revision = 0;
  int calls = 0;
  std::function<Fault(int call)> fault = [](int) { return Fault::none; };

  ApiResult<Object> store(const Object& body) {
    Json json = body.copy();
    json["metadata"]["resourceVersion"] = std::to_string(++revision);
    json["metadata"]["uid"] = "u";
    lease = Object::make(std::move(json));
    return lease;
  }
  ApiResult<Object> perform(const LeaderElectionStep& step) {
    const Object& body = step.body();
    if (step.next() == Call::get) {
      if (!lease) return failure(Code::not_found);
      return lease;
    }
    if (step.next() == Call::create) {
      if (lease) return failure(Code::already_exists);
      return store(body);
    }
    if (!lease) return failure(Code::not_found);
    if (body.resource_version() != lease.resource_version()) return failure(Code::conflict);
    return store(body);
  }
  ApiResult<Object> call(const LeaderElectionStep& step) {
    const Fault what = fault(calls++);
    if (what == Fault::refused) return failure(Code::transport_not_sent);
    ApiResult<Object> answer = perform(step);
    if (what == Fault::answer_lost) return failure(Code::transport_unknown);
    return answer;
  }
  LeaseRecord record() const { return lease ? record_of(lease) : LeaseRecord{}; }
};

void finish(LeaderElectionStep& step, LeaseServer& server, Duration now) {
  while (step.next() != Call::finished) step.on_answer(server.call(step), at(now));
}
bool round(LeaderElectionStep& step, LeaseServer& server, Duration now) {
  step.begin(at(now));
  finish(step, server, now);
  return step.succeeded();
}
bool release(LeaderElectionStep& step, LeaseServer& server, Duration now) {
  step.begin_release(at(now));
  finish(step, server, now);
  return step.succeeded();
}

ElectionOptions options(std::string identity) {
  ElectionOptions options;
  options.lease = {"default", "lock"};
  options.identity = std::move(identity);
  return options;
}

}  // namespace

TEST_CASE("a lease is created by who comes first, kept by renewing, and taken over once it ran out") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  CHECK(server.record() ==
        LeaseRecord{"a", 15, "2025-11-29T00:00:00.000000Z", "2025-11-29T00:00:00.000000Z", 0});
  CHECK_FALSE(round(b, server, 1s));
  CHECK(b.observed_holder() == "a");
  REQUIRE(round(a, server, 2s));
  CHECK(server.record() ==
        LeaseRecord{"a", 15, "2025-11-29T00:00:00.000000Z", "2025-11-29T00:00:02.000000Z", 0});
  CHECK_FALSE(round(b, server, 4s));   // sees the renewal now: its 15 s begin here
  CHECK_FALSE(round(b, server, 18s));  // 16 s after the renewal, 14 s after b saw it
  REQUIRE(round(b, server, 19s));
  CHECK(server.record() ==
        LeaseRecord{"b", 15, "2025-11-29T00:00:19.000000Z", "2025-11-29T00:00:19.000000Z", 1});
  CHECK(b.is_leader());
  CHECK(a.is_leader());                       // it does not know yet ...
  CHECK(*a.surely_until() < at(19s).steady);  // ... but knows that it may not act
  CHECK_FALSE(round(a, server, 19s));
  CHECK_FALSE(a.is_leader());
  CHECK_FALSE(a.surely_until().has_value());
}

TEST_CASE("times in the record are never compared with a clock") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  // b's wall clock is a day ahead; the lease looks long dead by its renewTime.
  b.begin({at(24h).wall, at(1s).steady});
  b.on_answer(server.call(b), {at(24h).wall, at(1s).steady});
  CHECK(b.next() == Call::finished);
  CHECK_FALSE(b.succeeded());
}

TEST_CASE("the duration that counts is the holder's, not the challenger's") {
  LeaseServer server;
  ElectionOptions patient = options("a");
  patient.lease_duration = 60s;
  LeaderElectionStep a(patient);
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  CHECK_FALSE(round(b, server, 0s));
  CHECK_FALSE(round(b, server, 59s));
  CHECK(round(b, server, 60s));
}

TEST_CASE("a renewal needs one call; a renewal whose answer was lost needs two more") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  REQUIRE(round(a, server, 0s));
  CHECK(server.calls == 2);  // get, create
  REQUIRE(round(a, server, 2s));
  CHECK(server.calls == 3);  // update
  server.fault = [](int call) {
    return call == 3 ? LeaseServer::Fault::answer_lost : LeaseServer::Fault::none;
  };
  REQUIRE(round(a, server, 4s));
  CHECK(server.calls == 6);  // update (lost), get, update
  CHECK(server.record().transitions == 0);
  CHECK(server.record().acquire_time == "2025-11-29T00:00:00.000000Z");
}

TEST_CASE("who surely leads is counted from before the write was sent") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  a.begin(at(0s));
  a.on_answer(server.call(a), at(1s));  // get: not found
  REQUIRE(a.next() == Call::create);
  a.on_answer(server.call(a), at(4s));  // sent at 1 s, answered at 4 s
  REQUIRE(a.succeeded());
  CHECK(a.surely_until() == at(1s + 10s).steady);
}

TEST_CASE("a failed call at any step never makes two electors surely lead, and the lease recovers") {
  using Fault = LeaseServer::Fault;
  for (const Fault fault : {Fault::refused, Fault::answer_lost}) {
    for (int failing = 0; failing < 24; ++failing) {
      INFO("call " << failing << (fault == Fault::refused ? " refused" : " answered in vain"));
      LeaseServer server;
      server.fault = [=](int call) { return call == failing ? fault : Fault::none; };
      LeaderElectionStep a(options("a"));
      LeaderElectionStep b(options("b"));
      for (Duration now{0}; now < 60s; now += 2s) {
        if (now < 20s) round(a, server, now);  // then a freezes
        round(b, server, now + 1s);
        const bool a_sure = a.surely_until() && *a.surely_until() > at(now + 1s).steady;
        const bool b_sure = b.surely_until() && *b.surely_until() > at(now + 1s).steady;
        REQUIRE_FALSE((a_sure && b_sure));
      }
      CHECK(server.record().holder == "b");
    }
  }
}

TEST_CASE("a lease that was deleted and taken by another ends leadership at the next renewal") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  server.lease = Object();
  REQUIRE(round(b, server, 1s));
  CHECK_FALSE(round(a, server, 2s));
  CHECK_FALSE(a.is_leader());
  CHECK(server.record().holder == "b");
}

TEST_CASE("release blanks the lease, and the next elector takes it at once") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  CHECK_FALSE(round(b, server, 1s));
  REQUIRE(release(a, server, 2s));
  CHECK(server.record().holder.empty());
  CHECK(server.record().duration_seconds == 1);
  CHECK_FALSE(a.is_leader());
  CHECK_FALSE(a.surely_until().has_value());
  REQUIRE(round(b, server, 2s));
  CHECK(server.record().transitions == 1);
}

TEST_CASE("a late release does not blank the successor's lease") {
  // client-go would: it asks its own last observation, in which it still leads (spec R10 e).
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  LeaderElectionStep b(options("b"));
  REQUIRE(round(a, server, 0s));
  CHECK_FALSE(round(b, server, 1s));
  REQUIRE(round(b, server, 16s));
  REQUIRE(a.is_leader());  // as far as it knows
  CHECK(release(a, server, 17s));
  CHECK(server.record().holder == "b");
  CHECK(server.record().duration_seconds == 15);
}

TEST_CASE("a release that meets a conflict fails, so that it can be tried again") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  REQUIRE(round(a, server, 0s));
  a.begin_release(at(1s));
  a.on_answer(server.call(a), at(1s));
  REQUIRE(a.next() == Call::update);
  server.store(server.lease);  // somebody touches the lease in between
  a.on_answer(server.call(a), at(1s));
  CHECK(a.next() == Call::finished);
  CHECK_FALSE(a.succeeded());
  CHECK(release(a, server, 2s));
  CHECK(server.record().holder.empty());
}

TEST_CASE("what others wrote into a lease survives a renewal") {
  LeaseServer server;
  LeaderElectionStep a(options("a"));
  REQUIRE(round(a, server, 0s));
  Json labelled = server.lease.copy();
  labelled["metadata"]["labels"]["team"] = "x";
  labelled["spec"]["strategy"] = "s";
  server.store(Object::make(std::move(labelled)));
  REQUIRE(round(a, server, 2s));  // conflict, get, update
  CHECK(server.lease.label("team") == "x");
  CHECK((*server.lease.find("spec"))["strategy"] == "s");
}

TEST_CASE("durations that cannot work are named") {
  ElectionOptions good = options("a");
  CHECK(check(good).empty());
  ElectionOptions wrong = good;
  wrong.renew_deadline = 15s;
  CHECK(check(wrong) == "lease_duration is not longer than renew_deadline");
  wrong = good;
  wrong.retry_period = 9s;
  CHECK(check(wrong) == "renew_deadline is not longer than 1.2 retry_period");
  wrong = good;
  wrong.identity.clear();
  CHECK(check(wrong) == "identity is empty");
  wrong = good;
  wrong.lease_duration = 999ms;
  CHECK(check(wrong) == "lease_duration is shorter than one second");
}

}  // namespace racebed::kube

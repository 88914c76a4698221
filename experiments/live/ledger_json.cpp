#include "experiments/live/ledger_json.hpp"

#include <nlohmann/json.hpp>

#include "models/ledger/ledger.hpp"

namespace racebed::experiments {
namespace {

using models::Json;

Json object_json(const models::ObjectRef& object) {
  return {
      {"resource", object.resource}, {"namespace", object.ns}, {"name", object.name}, {"uid", object.uid}};
}

/// The members that tell facts of one kind apart.
struct Members {
  Json operator()(const models::Committed& f) const {
    return {{"operation", to_text(f.operation)}, {"object", object_json(f.object)}, {"revision", f.revision}};
  }
  Json operator()(const models::Refused& f) const {
    return {{"verb", f.verb}, {"object", object_json(f.object)}, {"status", f.status}, {"reason", f.reason}};
  }
  Json operator()(const models::Observed& f) const {
    return {{"source", to_text(f.source)}, {"object", object_json(f.object)}, {"revision", f.revision}};
  }
  Json operator()(const models::UserCreated& f) const {
    return {{"object", object_json(f.object)}, {"token", f.token}};
  }
  Json operator()(const models::UserDeleted& f) const {
    return {{"object", object_json(f.object)}, {"token", f.token}};
  }
  Json operator()(const models::Delivered& f) const {
    return {{"channel", f.channel},        {"token", f.token},           {"message", f.message},
            {"claimedUid", f.claimed_uid}, {"connection", f.connection}, {"sender", f.sender}};
  }
  Json operator()(const models::Answered& f) const {
    Json json{{"message", f.message},
              {"status", f.status},
              {"connection", f.connection},
              {"token", f.token},
              {"sender", f.sender}};
    if (f.retry_after) json["retryAfterSeconds"] = *f.retry_after / std::chrono::seconds{1};
    return json;
  }
  Json operator()(const models::ConnectionOpened& f) const {
    return {{"endpoint", f.endpoint},
            {"connection", f.connection},
            {"tls", f.tls},
            {"certificate", f.certificate},
            {"sender", f.sender}};
  }
  Json operator()(const models::ProcessEvent& f) const {
    return {{"what", to_text(f.what)}, {"detail", f.detail}};
  }
  Json operator()(const models::FaultFired& f) const { return {{"fault", f.fault}, {"detail", f.detail}}; }
  Json operator()(const models::Requested& f) const {
    return {{"channel", f.channel},
            {"token", f.token},
            {"claimedUid", f.claimed_uid},
            {"connection", f.connection},
            {"sender", f.sender}};
  }
  Json operator()(const models::FaultLifted& f) const { return {{"fault", f.fault}, {"detail", f.detail}}; }
  Json operator()(const models::PhaseBegan& f) const { return {{"phase", to_text(f.phase)}}; }
  Json operator()(const models::Passed& f) const {
    return {{"point", to_text(f.point)}, {"object", object_json(f.object)}, {"token", f.token}};
  }
  Json operator()(const models::Vanished& f) const {
    return {{"channel", f.channel}, {"token", f.token}, {"message", f.message}};
  }
  Json operator()(const models::Claimed& f) const {
    return {{"claim", f.kind}, {"content", f.content ? *f.content : Json()}};
  }
};

}  // namespace

models::Json to_json(const models::Fact& fact) {
  Json json = std::visit(Members{}, fact.what);
  json["number"] = fact.number;
  json["time"] = to_rfc3339_micro(fact.time);
  json["by"] = fact.actor.process;
  json["kind"] = std::string(models::kind_of(fact));
  return json;
}

}  // namespace racebed::experiments

#include "experiments/world/fact_trace.hpp"

namespace racebed::experiments {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

void emit_user(sim::Kernel& kernel, std::string_view kind, const sim::Field& by,
               const models::ObjectRef& object, const std::string& token) {
  kernel.emit(kind, {by, {"name", object.name}, {"uid", object.uid}, {"token", token}});
}

void emit(sim::Kernel& kernel, const models::Fact& fact) {
  const sim::Field by("by", fact.actor.process);
  const std::string_view kind = models::kind_of(fact);
  std::visit(
      Overloaded{
          [&](const models::Committed& f) {
            kernel.emit(kind, {by,
                               {"operation", to_text(f.operation)},
                               {"resource", f.object.resource},
                               {"name", f.object.name},
                               {"uid", f.object.uid},
                               {"revision", f.revision}});
          },
          [&](const models::Refused& f) {
            kernel.emit(kind, {by,
                               {"verb", f.verb},
                               {"resource", f.object.resource},
                               {"name", f.object.name},
                               {"status", std::int64_t{f.status}},
                               {"reason", f.reason}});
          },
          [&](const models::Observed& f) {
            kernel.emit(kind, {by,
                               {"source", to_text(f.source)},
                               {"name", f.object.name},
                               {"uid", f.object.uid},
                               {"revision", f.revision}});
          },
          [&](const models::UserCreated& f) { emit_user(kernel, kind, by, f.object, f.token); },
          [&](const models::UserDeleted& f) { emit_user(kernel, kind, by, f.object, f.token); },
          [&](const models::Delivered& f) {
            kernel.emit(kind, {by,
                               {"channel", f.channel},
                               {"token", f.token},
                               {"message", f.message},
                               {"connection", f.connection}});
          },
          [&](const models::Answered& f) {
            kernel.emit(kind, {by,
                               {"message", f.message},
                               {"status", std::int64_t{f.status}},
                               {"connection", f.connection}});
          },
          [&](const models::ConnectionOpened& f) {
            kernel.emit(kind, {by, {"endpoint", f.endpoint}, {"connection", f.connection}, {"tls", f.tls}});
          },
          [&](const models::ProcessEvent& f) {
            kernel.emit(kind, {by, {"what", static_cast<std::int64_t>(f.what)}, {"detail", f.detail}});
          },
          [&](const models::FaultFired& f) {
            kernel.emit(kind, {by, {"fault", f.fault}, {"detail", f.detail}});
          },
          [&](const models::Claimed& f) { kernel.emit(kind, {by, {"claim", f.kind}}); },
          [&](const models::Requested& f) {
            kernel.emit(kind, {by, {"channel", f.channel}, {"token", f.token}, {"connection", f.connection}});
          },
          [&](const models::FaultLifted& f) {
            kernel.emit(kind, {by, {"fault", f.fault}, {"detail", f.detail}});
          },
          [&](const models::PhaseBegan& f) { kernel.emit(kind, {by, {"phase", to_text(f.phase)}}); },
          [&](const models::Vanished& f) {
            kernel.emit(kind, {by, {"channel", f.channel}, {"token", f.token}, {"message", f.message}});
          },
          [&](const models::Passed& f) {
            kernel.emit(kind, {by, {"point", to_text(f.point)}, {"name", f.object.name}});
          },
      },
      fact.what);
}

}  // namespace

void trace_facts(models::Ledger& ledger, sim::Kernel& kernel) {
  ledger.subscribe([&kernel](const models::Fact& fact) { emit(kernel, fact); });
}

}  // namespace racebed::experiments

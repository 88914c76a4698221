// What a user does, as data: a list of steps that a workload carries out in order. The plans of the scenarios
// are made by the functions below; each incarnation of a notification gets a token of its own.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

/// Creates a notification called `name`, its subject ending in "[token:TOKEN]".
struct CreateStep {
  std::string name;
  std::string token;
};
/// Deletes the incarnation that the plan created last under `name`, by its uid; waits until it is gone.
struct DeleteStep {
  std::string name;
};
/// Waits `base` and a drawn part of `spread`.
struct PauseStep {
  Duration base{0};
  Duration spread{0};
};
/// A moment in the life of one incarnation, in the ledger's terms.
enum class Moment {
  after_delivery,   // a terminal phase was committed
  before_delivery,  // at once
  during_delivery   // the phase Sending was committed or a channel took the message
};
/// Waits for one of `among`, drawn, of the incarnation `token`, then for a drawn part of `spread`; for
/// `timeout` at the longest.
struct AwaitStep {
  std::string token;
  std::vector<Moment> among;
  Duration spread{0};
  Duration timeout = std::chrono::minutes{2};
};
using PlanStep = std::variant<CreateStep, DeleteStep, PauseStep, AwaitStep>;

struct Plan {
  std::string ns = "default";  // made first if it is not there
  std::vector<PlanStep> steps{};
  JsonPtr spec{};  // of every notification, without the subject's token; null: notification_spec()
};

/// A valid spec: "Disk full" to the channels slack and console.
Json notification_spec();
/// The subject that carries `token`: "Disk full [token:cdc-0-3]"; token_in (models/sinks/token.hpp) reads it
/// back.
std::string subject_with_token(const std::string& subject, const std::string& token);

struct CreateManyOptions {
  std::string prefix = "n";  // names PREFIX-0, PREFIX-1 ...; tokens the same
  int count = 20;
  Duration gap{0};  // between two creations: this and a drawn part of `gap_spread`
  Duration gap_spread = std::chrono::milliseconds{100};
};
/// happy-path and leader-kill.
Plan create_many(const CreateManyOptions& options);

struct CreateDeleteCreateOptions {
  std::string name = "disk-full";
  std::string prefix = "cdc-0";  // tokens PREFIX-0, PREFIX-1 ...
  int cycles = 10;               // deletions; the incarnation after the last one is left to finish
  std::vector<Moment> moments = {Moment::after_delivery, Moment::before_delivery, Moment::during_delivery};
  Duration moment_spread = std::chrono::milliseconds{200};  // after the moment, before the deletion
  Duration gap{0};  // between deletion and re-creation: this and a drawn part of `gap_spread`
  Duration gap_spread = std::chrono::milliseconds{500};
};
/// create-delete-create: one name, one incarnation after the other.
Plan create_delete_create(const CreateDeleteCreateOptions& options);

}  // namespace racebed::models

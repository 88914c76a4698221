// What a user does, as data: a list of steps that a workload carries out in order. The plans of the scenarios
// are made by the functions below; each incarnation of a notification gets a token of its own.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

/// Creates a notification called `name`, its subject ending in "[token:TOKEN]".
struct CreateStep {
  std::string name;
  std::string token;
  JsonPtr spec{};  // null: the plan's
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

/// An incarnation that was there before the plan began.
struct KnownIncarnation {
  std::string name;
  std::string token;
  std::string uid;
};

struct Plan {
  std::string ns = "default";  // made first if it is not there
  std::vector<PlanStep> steps{};
  JsonPtr spec{};  // of every notification, without the subject's token; null: notification_spec()
  /// Not 0: every notification has a finalizer, which the user takes away so long after its deletion.
  Duration finalizer_hold{0};
  std::vector<KnownIncarnation> known{};  // for deletions
};

/// What a body says that carries credentials; no piece of kPayloadSecrets may leave the controller.
inline constexpr std::string_view kSecretBody =
    "login failed: password=Wint3rIsComing! Authorization: Bearer c2VjcmV0LXJhY2ViZWQ and "
    "api_key=ak-racebed-77";
inline constexpr std::array<std::string_view, 3> kPayloadSecrets = {"Wint3rIsComing", "c2VjcmV0LXJhY2ViZWQ",
                                                                    "ak-racebed-77"};

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
  int first = 0;  // this user makes number `first`, `first` + `every` ...
  int every = 1;
  std::vector<JsonPtr> specs{};  // each notification has the next of them; none: the plan's
  /// Not empty: each is deleted again at one of these moments, and so long after it.
  std::vector<Moment> deleted_at{};
  Duration linger{0};
  Duration linger_spread{0};
};
Plan create_many(const CreateManyOptions& options);

struct CreateDeleteCreateOptions {
  std::string name = "disk-full";
  std::string prefix = "cdc-0";  // tokens PREFIX-0, PREFIX-1 ...
  int cycles = 10;               // deletions; the incarnation after the last one is left to finish
  std::vector<Moment> moments = {Moment::after_delivery, Moment::before_delivery, Moment::during_delivery};
  Duration moment_base{0};  // after the moment, before the deletion: this and a drawn part of `moment_spread`
  Duration moment_spread = std::chrono::milliseconds{200};
  Duration gap{0};  // between deletion and re-creation: this and a drawn part of `gap_spread`
  Duration gap_spread = std::chrono::milliseconds{500};
};
/// create-delete-create: one name, one incarnation after the other.
Plan create_delete_create(const CreateDeleteCreateOptions& options);

}  // namespace racebed::models

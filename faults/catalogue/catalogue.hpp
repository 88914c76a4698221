// The faults there are, as data: what each is, what it stands for in production, where it acts and what can
// be set about it. Scenario files, `racebed list --faults` and the engine all read this one table.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace racebed::faults {

/// Where a fault acts, and so what its `target` means.
enum class Place {
  slack,    // on Slack's endpoint: connections and requests, of the processes that `target` names
  link,     // between the processes that `target` names and the host `to`
  names,    // the name server's answers to the processes that `target` names
  api,      // in the API servers that `target` names, on the requests that `requests` describes
  process,  // on the processes that `target` names
  host,     // on what the processes that `target` names write to: files, outputs, the audit service
  users     // a client of the API does something
};
std::string_view to_text(Place place);

/// Something that can be set. Durations are in nanoseconds here, words are indices.
struct ParameterInfo {
  enum class Kind { integer, duration, word };
  std::string_view name;
  Kind kind = Kind::integer;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t otherwise = 0;  // when the scenario does not say
  std::string_view meaning{};  // with the unit
  std::vector<std::string_view> words{};
};

struct FaultInfo {
  std::string_view id;
  std::string_view family;  // "tls", "http", "transport", "names", "api", "process", "clock", "disk",
                            // "audit", "load", "users"
  Place place = Place::slack;
  bool lasts = true;            // acts until it is lifted; else it happens once
  std::string_view stands_for;  // one sentence: what it is in production
  std::vector<ParameterInfo> parameters{};

  /// The index of a parameter; -1 if it has none of that name.
  int parameter(std::string_view name) const;
};

/// By family, in the order in which `list` shows them.
const std::vector<FaultInfo>& catalogue();
/// Null if there is none of that id.
const FaultInfo* find_fault(std::string_view id);

// One file for each group of families.
std::vector<FaultInfo> slack_catalogue();    // tls, http
std::vector<FaultInfo> network_catalogue();  // transport, names
std::vector<FaultInfo> api_catalogue();
std::vector<FaultInfo> process_catalogue();  // process, clock
std::vector<FaultInfo> host_catalogue();     // disk, audit
std::vector<FaultInfo> user_catalogue();     // load, users

}  // namespace racebed::faults

#include "experiments/replay/record.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "experiments/scenario/load.hpp"

namespace racebed::experiments {
namespace {

using Json = nlohmann::json;

std::vector<std::string> layers_of(const sim::RunHash& hash) {
  return {hash.choices.text(), hash.order.text(), hash.times.text(), hash.contents.text()};
}

std::string event_text(const RecordedEvent& event) {
  return fmt::format("{} {} {} {}", to_rfc3339_micro(Time{Duration{event.time_ns}}),
                     event.process.empty() ? "-" : event.process, event.kind, event.fields);
}

}  // namespace

RecordedEvent recorded(const sim::TraceEvent& event) {
  return {event.time.time_since_epoch().count(), event.process, event.kind, event.fields, event.digest};
}

std::string record_text(const Scenario& scenario, const std::string& subject, const RunResult& run,
                        const std::vector<RecordedEvent>& events) {
  std::map<std::string_view, std::size_t> numbers;
  Json sites = Json::array();
  Json choices = Json::array();
  for (const sim::Choice& choice : run.choices) {
    const auto [it, added] = numbers.try_emplace(choice.site, numbers.size());
    if (added) sites.push_back(choice.site);
    choices.push_back({it->second, choice.stream, choice.bound, choice.value});
  }
  Json told = Json::array();
  for (const RecordedEvent& event : events) {
    told.push_back({event.time_ns, event.process, event.kind, event.fields, event.digest});
  }
  const Json record{{"racebed_record", kRecordFormat},
                    {"version", RACEBED_VERSION},
                    {"name", scenario.name},
                    {"scenario", expanded(scenario)},
                    {"subject", subject},
                    {"seed", run.seed},
                    {"sites", std::move(sites)},
                    {"choices", std::move(choices)},
                    {"hash", run.hash.total().text()},
                    {"layers", layers_of(run.hash)},
                    {"events", std::move(told)}};
  return record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Record parse_record(const std::string& text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("racebed_record")) {
    throw InputError(
        fmt::format("{}: not a recorded run, expected a file written by `racebed run --record`", where));
  }
  const auto found = json.find("version");
  const std::string version = found != json.end() && found->is_string() ? found->get<std::string>() : "?";
  if (json["racebed_record"] != kRecordFormat || version != RACEBED_VERSION) {
    const Json& format = json["racebed_record"];
    throw InputError(fmt::format(
        "{}: recorded by racebed {} (format {}), expected {} (format {}): replay it with that version", where,
        version, format.is_number() ? format.dump() : "?", RACEBED_VERSION, kRecordFormat));
  }
  try {
    Record record;
    record.scenario = parse_scenario(json.at("name").get<std::string>(), json.at("scenario").dump(), where);
    record.subject = json.at("subject").get<std::string>();
    record.seed = json.at("seed").get<std::uint64_t>();
    for (const Json& site : json.at("sites"))
      record.sites.push_back(std::make_unique<std::string>(site.get<std::string>()));
    for (const Json& choice : json.at("choices")) {
      const std::string& site = *record.sites.at(choice.at(0).get<std::size_t>());
      record.choices.push_back({site, choice.at(1).get<std::uint64_t>(), choice.at(2).get<std::uint64_t>(),
                                choice.at(3).get<std::uint64_t>()});
    }
    for (const Json& event : json.at("events")) {
      record.events.push_back({event.at(0).get<std::int64_t>(), event.at(1).get<std::string>(),
                               event.at(2).get<std::string>(), event.at(3).get<std::string>(),
                               event.at(4).get<std::uint64_t>()});
    }
    record.hash = json.at("hash").get<std::string>();
    record.layer_hashes = json.at("layers").get<std::vector<std::string>>();
    return record;
  } catch (const Json::exception&) {
    throw InputError(fmt::format("{}: damaged, expected a file written by `racebed run --record`", where));
  } catch (const std::out_of_range&) {
    throw InputError(fmt::format("{}: damaged, expected a file written by `racebed run --record`", where));
  }
}

Replay replay(const Record& record) {
  const Subject* subject = find_subject(record.subject);
  if (subject == nullptr)
    throw InputError(fmt::format("the record's subject \"{}\" is unknown", record.subject));
  Replay result;
  std::size_t next = 0;
  const auto differs = [&result](std::string what) {
    if (result.divergence.empty()) result.divergence = std::move(what);
  };
  RunSpec spec{record.scenario, *subject, record.seed};
  spec.choices = sim::scripted_choices(record.choices, [&](const sim::ChoiceMismatch& mismatch) {
    differs(fmt::format("choice {} was asked at \"{}\" with {} ways, recorded at \"{}\" with {}",
                        mismatch.index, mismatch.asked.site, mismatch.asked.bound, mismatch.recorded.site,
                        mismatch.recorded.bound));
  });
  spec.trace = [&](const sim::TraceEvent& event) {
    const RecordedEvent now = recorded(event);
    if (next >= record.events.size())
      return differs(fmt::format("event {} was not recorded: {}", event.number, event_text(now)));
    const RecordedEvent& then = record.events[next++];
    if (now.digest != then.digest) {
      differs(fmt::format("event {} is \"{}\", recorded \"{}\"", event.number, event_text(now),
                          event_text(then)));
    }
  };
  result.run = execute(std::move(spec));
  if (next < record.events.size()) {
    differs(
        fmt::format("event {} did not happen: recorded \"{}\"", next + 1, event_text(record.events[next])));
  }
  if (result.run.hash.total().text() != record.hash) {
    static constexpr const char* kLayers[] = {"choices", "order", "times", "contents"};
    const auto now = layers_of(result.run.hash);
    for (std::size_t i = 0; i < now.size() && i < record.layer_hashes.size(); ++i) {
      if (now[i] != record.layer_hashes[i])
        differs(fmt::format("the hash of the layer \"{}\" differs, no event does", kLayers[i]));
    }
    differs("the hash differs");
  }
  return result;
}

}  // namespace racebed::experiments

#include "evidence/store/portrait.hpp"

#include <nlohmann/json.hpp>

namespace racebed::evidence {
namespace {

using Json = nlohmann::json;

Json points_of(const Portrait::Series& series) {
  Json points = Json::array();
  for (const Portrait::Point& point : series.points) points.push_back({point.at_us, point.value});
  return points;
}

}  // namespace

std::string to_text(const Portrait& portrait) {
  Json events = Json::array();
  for (const Portrait::Event& event : portrait.events)
    events.push_back({event.at_us, event.lane, event.kind, event.text});
  Json messages = Json::array();
  for (const Portrait::Message& message : portrait.messages)
    messages.push_back(
        {message.from_us, message.from, message.to_us, message.to, message.kind, message.text});
  Json series = Json::array();
  for (const Portrait::Series& one : portrait.series)
    series.push_back({one.name, one.process, points_of(one)});
  const Json json = {{"length_us", portrait.length_us},
                     {"lanes", portrait.lanes},
                     {"events", std::move(events)},
                     {"messages", std::move(messages)},
                     {"series", std::move(series)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Portrait read_portrait(const std::string& text) {
  const Json json = Json::parse(text);
  Portrait portrait;
  portrait.length_us = json.at("length_us");
  portrait.lanes = json.at("lanes").get<std::vector<std::string>>();
  for (const Json& event : json.at("events"))
    portrait.events.push_back({event.at(0), event.at(1), event.at(2), event.at(3)});
  for (const Json& message : json.at("messages"))
    portrait.messages.push_back(
        {message.at(0), message.at(1), message.at(2), message.at(3), message.at(4), message.at(5)});
  for (const Json& series : json.at("series")) {
    Portrait::Series& one = portrait.series.emplace_back();
    one.name = series.at(0);
    one.process = series.at(1);
    for (const Json& point : series.at(2)) one.points.push_back({point.at(0), point.at(1)});
  }
  return portrait;
}

}  // namespace racebed::evidence

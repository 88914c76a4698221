#include "experiments/invariants/history.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/sinks/token.hpp"

namespace racebed::experiments {

using models::Json;

const Json& attempts_of(const Json& object) {
  static const Json kNone = Json::array();
  const auto status = object.find("status");
  if (status == object.end() || !status->is_object()) return kNone;
  const auto attempts = status->find("deliveryAttempts");
  return attempts != status->end() && attempts->is_array() ? *attempts : kNone;
}

std::string phase_of(const Json& object) {
  const auto status = object.find("status");
  return status == object.end() || !status->is_object() ? std::string() : status->value("phase", "");
}

std::size_t Incarnation::deliveries_on(const std::string& channel) const {
  return static_cast<std::size_t>(std::count_if(
      deliveries.begin(), deliveries.end(), [&](const DeliveryRecord& d) { return d.channel == channel; }));
}

Incarnation* History::find_uid(const std::string& uid) {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : &incarnations_[found->second];
}

const Incarnation* History::by_uid(const std::string& uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : &incarnations_[found->second];
}

const Incarnation* History::by_token(const std::string& token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : &incarnations_[found->second];
}

const Incarnation* History::before(const Incarnation& incarnation) const {
  if (incarnation.number == 0) return nullptr;
  return &incarnations_[by_name_.at(incarnation.ns + "/" + incarnation.name)[incarnation.number - 1]];
}

bool History::disturbed(Time from, Time to) const {
  return std::any_of(disturbances_.begin(), disturbances_.end(),
                     [&](const Disturbance& d) { return d.time >= from && d.time <= to; });
}

void History::committed(const models::Fact& fact, const models::Committed& commit) {
  if (commit.object.resource != kNotifications) return;
  if (commit.operation == models::Committed::Operation::create) {
    Incarnation made;
    made.ns = commit.object.ns;
    made.name = commit.object.name;
    made.uid = commit.object.uid;
    made.created = fact.time;
    made.created_fact = fact.number;
    made.object = commit.after;
    made.status = StatusView(*commit.after);
    const Json spec = commit.after->value("spec", Json::object());
    made.token = models::token_in(spec.value("subject", ""));
    for (const Json& item : spec.value("channels", Json::array())) {
      const auto channel = item.get<std::string>();
      if (std::find(made.channels.begin(), made.channels.end(), channel) == made.channels.end()) {
        made.channels.push_back(channel);
      }
    }
    auto& same_name = by_name_[made.ns + "/" + made.name];
    made.number = same_name.size();
    same_name.push_back(incarnations_.size());
    by_uid_[made.uid] = incarnations_.size();
    if (!made.token.empty()) by_token_[made.token] = incarnations_.size();
    incarnations_.push_back(std::move(made));
    return;
  }
  Incarnation* known = find_uid(commit.object.uid);
  if (known == nullptr) return;
  using Operation = models::Committed::Operation;
  const bool gone = commit.operation == Operation::remove;
  if ((gone || commit.operation == Operation::mark_deleted) && !known->deleted) {
    known->deleted = fact.time;
    known->deleted_fact = fact.number;
  }
  if (gone) {
    known->removed = fact.time;
    known->removed_fact = fact.number;
  } else {
    known->object = commit.after;
    known->status = status_write_ ? status_write_->after : StatusView(*commit.after);
    if (commit.operation != Operation::status) return;
    known->status_fact = fact.number;
    show_failures(*known, fact.time);
  }
}

void History::show_failures(Incarnation& incarnation, Time time) {
  for (const std::string& channel : incarnation.channels) {
    std::vector<Time>& shown = incarnation.failures_shown[channel];
    const std::size_t now = made_failures(incarnation, channel);
    if (now > shown.size()) shown.resize(now, time);
  }
}

void History::delivered(const models::Fact& fact, const models::Delivered& delivered) {
  const auto known = by_token_.find(delivered.token);
  if (known == by_token_.end()) return;
  Incarnation& incarnation = incarnations_[known->second];
  const std::string sender = delivered.sender.empty() ? fact.actor.process : delivered.sender;
  incarnation.deliveries.push_back({delivered.channel, sender, fact.time, fact.number, delivered.message});
  for (auto made = incarnation.tries.rbegin(); made != incarnation.tries.rend(); ++made) {
    if (made->channel != delivered.channel || made->connection != delivered.connection || made->accepted ||
        made->answered)
      continue;
    made->accepted = true;
    return;
  }
  Try taken{.channel = delivered.channel,
            .sender = sender,
            .connection = delivered.connection,
            .at = fact.time,
            .fact = fact.number,
            .accepted = true};
  if (delivered.connection == 0) {  // there is no answer to wait for
    taken.answered = fact.time;
    taken.status = 200;
  }
  incarnation.tries.push_back(std::move(taken));
}

void History::vanished(const models::Vanished& vanished) {
  const auto known = by_token_.find(vanished.token);
  if (known == by_token_.end()) return;
  std::erase_if(incarnations_[known->second].deliveries, [&](const DeliveryRecord& record) {
    return record.channel == vanished.channel && record.message == vanished.message;
  });
}

void History::requested(const models::Fact& fact, const models::Requested& requested) {
  const auto known = by_token_.find(requested.token);
  if (known == by_token_.end()) return;
  incarnations_[known->second].tries.push_back({.channel = requested.channel,
                                                .sender = requested.sender,
                                                .connection = requested.connection,
                                                .at = fact.time,
                                                .fact = fact.number});
}

void History::answered(const models::Fact& fact, const models::Answered& answered) {
  if (answered.status == 0) disturbances_.push_back({fact.time, fact.number, true});
  const auto known = by_token_.find(answered.token);
  if (answered.token.empty() || known == by_token_.end()) return;
  std::vector<Try>& tries = incarnations_[known->second].tries;
  for (auto made = tries.rbegin(); made != tries.rend(); ++made) {
    if (made->connection != answered.connection || made->answered) continue;
    made->answered = fact.time;
    made->answer_fact = fact.number;
    made->status = answered.status;
    made->retry_after = answered.retry_after;
    return;
  }
}

void History::read(const models::Fact& fact) {
  status_write_.reset();
  metrics_page_.reset();
  if (const models::Committed* commit = controller_status(fact)) {
    Incarnation* known = find_uid(commit->object.uid);
    status_write_.emplace();
    if (known != nullptr && known->object == commit->before) {
      status_write_->before = std::move(known->status);  // it is about to get the new one
    } else if (commit->before) {
      status_write_->before = StatusView(*commit->before);
    }
    status_write_->after = StatusView(*commit->after);
  } else if (const auto* claim = std::get_if<models::Claimed>(&fact.what)) {
    if (claim->kind != "metrics") return;
    const auto page = claim->content->find("page");
    metrics_page_.emplace(page != claim->content->end() ? page->get_ref<const std::string&>()
                                                        : std::string());
  }
}

void History::on_fact(const models::Fact& fact) {
  read(fact);
  if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
    committed(fact, *commit);
  } else if (const auto* taken = std::get_if<models::Delivered>(&fact.what)) {
    delivered(fact, *taken);
  } else if (const auto* lost = std::get_if<models::Vanished>(&fact.what)) {
    vanished(*lost);
  } else if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
    requested(fact, *request);
  } else if (const auto* event = std::get_if<models::ProcessEvent>(&fact.what)) {
    using What = models::ProcessEvent::What;
    // A leader that stands still long enough is replaced, and sends what it was about to when it wakes.
    const bool died = event->what == What::paused || event->what == What::killed ||
                      event->what == What::power_lost || event->what == What::crashed ||
                      event->what == What::exited;
    if (died && fact.actor.process.starts_with("controller"))
      disturbances_.push_back({fact.time, fact.number, false});
  } else if (const auto* phase = std::get_if<models::PhaseBegan>(&fact.what)) {
    if (phase->phase == models::PhaseBegan::Phase::settle) settled_ = fact.time;
  } else if (const auto* answer = std::get_if<models::Answered>(&fact.what)) {
    answered(fact, *answer);
  }
}

}  // namespace racebed::experiments

#include "tests/invariants/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace racebed::tests {

using models::Json;

Story::Story(std::string guarantee) : guarantee_(std::move(guarantee)) {
  final_.workload_done = true;
}

Story& Story::at(Duration time) {
  now_ = time;
  return *this;
}

void Story::tell(models::Actor actor, models::What what) {
  facts_.push_back({facts_.size() + 1, begin_ + now_, std::move(actor), std::move(what)});
}

Json& Story::object(const std::string& uid) {
  for (auto& [known, json] : objects_) {
    if (known == uid) return json;
  }
  FAIL("no object of uid " << uid);
  return objects_.front().second;
}

Story& Story::create(const std::string& name, const std::string& uid, std::vector<std::string> channels) {
  Json json{{"metadata", {{"name", name}, {"uid", uid}}},
            {"spec", {{"subject", "x [token:t-" + uid + "]"}, {"channels", channels}}}};
  objects_.emplace_back(uid, json);
  tell({"user", 1}, models::Committed{models::Committed::Operation::create,
                                      {"notificationrequests", "default", name, uid},
                                      ++revision_,
                                      nullptr,
                                      std::make_shared<const Json>(json)});
  return *this;
}

Story& Story::remove(const std::string& uid) {
  const std::string name = object(uid)["metadata"]["name"];
  tell({"user", 1}, models::Committed{models::Committed::Operation::remove,
                                      {"notificationrequests", "default", name, uid},
                                      ++revision_,
                                      std::make_shared<const Json>(object(uid)),
                                      nullptr});
  return *this;
}

Story& Story::user_deleted(const std::string& uid) {
  const std::string name = object(uid)["metadata"]["name"];
  tell({"user", 1}, models::UserDeleted{{"notificationrequests", "default", name, uid}, "t-" + uid});
  return *this;
}

Story& Story::status(const std::string& uid, const std::string& phase, std::vector<Attempt> attempts,
                     const std::string& by) {
  Json list = Json::array();
  for (const Attempt& attempt : attempts) {
    list.push_back({{"channel", attempt.channel},
                    {"status", attempt.status},
                    {"timestamp", to_rfc3339(begin_ + attempt.at)}});
  }
  auto before = std::make_shared<const Json>(object(uid));
  object(uid)["status"] = {{"phase", phase}, {"deliveryAttempts", std::move(list)}};
  const std::string name = object(uid)["metadata"]["name"];
  tell({by, 1}, models::Committed{models::Committed::Operation::status,
                                  {"notificationrequests", "default", name, uid},
                                  ++revision_,
                                  before,
                                  std::make_shared<const Json>(object(uid))});
  return *this;
}

Story& Story::delivered(const std::string& uid, const std::string& channel, const std::string& sender) {
  const models::Actor actor = channel == "slack" ? models::Actor{"slack", 1} : models::Actor{sender, 1};
  tell(actor, models::Delivered{channel, "t-" + uid, "m", "", 0, channel == "slack" ? sender : ""});
  return *this;
}

Story& Story::answered(int status, const std::string& message) {
  tell({"slack", 1}, models::Answered{message, status, 1});
  return *this;
}

Story& Story::reads(const std::string& uid, const std::string& by) {
  const std::string name = object(uid)["metadata"]["name"];
  tell({by, 1},
       models::Observed{
           models::Observed::Source::store, {"notificationrequests", "default", name, uid}, revision_});
  return *this;
}

Story& Story::lease(const std::string& holder) {
  const auto json = [](const std::string& who) {
    return std::make_shared<const Json>(Json{{"spec", {{"holderIdentity", who}}}});
  };
  tell({holder.substr(0, holder.find('_')), 1},
       models::Committed{models::Committed::Operation::update,
                         {"leases", "default", "notification.kubernaut.ai", "lease"},
                         ++revision_,
                         json(lease_holder_),
                         json(holder)});
  lease_holder_ = holder;
  return *this;
}

Story& Story::killed(const std::string& process) {
  tell({process, 1}, models::ProcessEvent{models::ProcessEvent::What::killed, ""});
  return *this;
}

Story& Story::holds_at_end(const std::string& process, std::int64_t tasks, std::int64_t sockets) {
  sim::Accounts accounts;
  accounts.tasks = {5, 9, tasks};
  accounts.sockets = {0, 3, sockets};
  final_.processes.push_back({process, "running", accounts});
  return *this;
}

Story& Story::asked(const std::string& uid, std::uint64_t connection, const std::string& sender) {
  tell({"slack", 1}, models::Requested{"slack", "t-" + uid, "", connection, sender});
  return *this;
}

Story& Story::refuses(const std::string& uid, int status, std::optional<Duration> retry_after,
                      std::uint64_t connection, const std::string& sender) {
  tell({"slack", 1}, models::Answered{"", status, connection, "t-" + uid, sender, retry_after});
  return *this;
}

Story& Story::accepts(const std::string& uid, std::uint64_t connection, const std::string& sender) {
  tell({"slack", 1}, models::Delivered{"slack", "t-" + uid, "m", "", connection, sender});
  tell({"slack", 1}, models::Answered{"m", 200, connection, "t-" + uid, sender});
  return *this;
}

Story& Story::connects(std::uint64_t connection, const std::string& certificate, const std::string& tls,
                       const std::string& sender) {
  tell({"slack", 1}, models::ConnectionOpened{"slack", connection, tls, certificate, sender});
  return *this;
}

Story& Story::lifts(const std::string& fault) {
  tell({"faults", 0}, models::FaultLifted{fault, ""});
  return *this;
}

Story& Story::marks_deleted(const std::string& uid) {
  const std::string name = object(uid)["metadata"]["name"];
  auto before = std::make_shared<const Json>(object(uid));
  object(uid)["metadata"]["deletionTimestamp"] = to_rfc3339(begin_ + now_);
  tell({"user", 1}, models::Committed{models::Committed::Operation::mark_deleted,
                                      {"notificationrequests", "default", name, uid},
                                      ++revision_,
                                      before,
                                      std::make_shared<const Json>(object(uid))});
  return *this;
}

Story& Story::fact(models::Actor actor, models::What what) {
  tell(std::move(actor), std::move(what));
  return *this;
}

Story& Story::writes(const std::string& uid, Json status, const std::string& by) {
  auto before = std::make_shared<const Json>(object(uid));
  object(uid)["status"] = std::move(status);
  const std::string name = object(uid)["metadata"]["name"];
  tell({by, 1}, models::Committed{models::Committed::Operation::status,
                                  {"notificationrequests", "default", name, uid},
                                  ++revision_,
                                  before,
                                  std::make_shared<const Json>(object(uid))});
  return *this;
}

Story& Story::claims(const std::string& kind, Json content, const std::string& by, std::uint32_t life) {
  tell({by, life}, models::Claimed{kind, std::make_shared<const Json>(std::move(content))});
  return *this;
}

Story& Story::logs(const std::string& line, const std::string& by) {
  lines_.push_back({facts_.size(), by, line});
  return *this;
}

Story& Story::process(const std::string& name, models::ProcessEvent::What what, std::uint32_t life,
                      const std::string& detail) {
  tell({name, life}, models::ProcessEvent{what, detail});
  return *this;
}

Story& Story::fires(const std::string& fault) {
  tell({"world", 0}, models::FaultFired{fault, ""});
  return *this;
}

Story& Story::settles() {
  tell({"world", 0}, models::PhaseBegan{models::PhaseBegan::Phase::settle});
  return *this;
}

Story& Story::metrics(experiments::MetricNames names) {
  metrics_ = std::move(names);
  return *this;
}

Story& Story::ends_with(const experiments::ProcessAccount& account) {
  final_.processes.push_back(account);
  return *this;
}

std::string Story::judge(const std::string& invariant, Duration end) {
  using namespace experiments;
  const InvariantInfo* info = find_invariant(invariant);
  REQUIRE(info != nullptr);
  const Scenario scenario;
  History history;
  const DeclaredGuarantee guarantee = [this](const std::string&) { return guarantee_; };
  const Evidence evidence{scenario, history, guarantee, metrics_};
  const auto judge = info->make(evidence, info->within);
  final_.begin = begin_;
  final_.end = begin_ + end;
  final_.notifications.clear();
  for (const auto& [uid, json] : objects_) {
    bool removed = false;
    for (const models::Fact& fact : facts_) {
      const auto* commit = std::get_if<models::Committed>(&fact.what);
      removed = removed || (commit != nullptr && commit->object.uid == uid && commit->after == nullptr);
    }
    if (!removed) final_.notifications.push_back(std::make_shared<const Json>(json));
  }
  auto line = lines_.begin();
  for (const models::Fact& fact : facts_) {
    for (; line != lines_.end() && line->after < fact.number; ++line)
      judge->on_log(line->process, line->text);
    history.on_fact(fact);
    judge->on_fact(fact);
  }
  for (; line != lines_.end(); ++line) judge->on_log(line->process, line->text);
  judge->at_end(final_);
  if (judge->violations().empty()) return judge->reached() == 0 ? "not reached" : "held";
  for (const Violation& violation : judge->violations()) {
    CHECK_FALSE(violation.what.empty());
    if (violation.allowed_by.empty()) return "violated";
  }
  return "allowed";
}

}  // namespace racebed::tests

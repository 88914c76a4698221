#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;

bool is_time(const models::Json& json) {
  if (!json.is_string()) return false;
  const auto& text = json.get_ref<const std::string&>();
  return text.size() >= 20 && text.back() == 'Z' && parse_rfc3339(text).has_value();
}

/// Whether two values differ in nothing, or in times only.
bool same_but_times(const models::Json& a, const models::Json& b) {
  if (a.is_object() && b.is_object()) {
    const auto& of_a = a.get_ref<const models::Json::object_t&>();
    const auto& of_b = b.get_ref<const models::Json::object_t&>();
    return std::ranges::equal(of_a, of_b, [](const auto& x, const auto& y) {
      return x.first == y.first && same_but_times(x.second, y.second);
    });
  }
  if (a.is_array() && b.is_array()) return std::ranges::equal(a, b, same_but_times);
  return a == b || (is_time(a) && is_time(b));
}

/// How many of something there were in the last while.
class Rate {
 public:
  explicit Rate(Duration window) : window_(window) {}
  std::size_t add(Time time) {
    times_.push_back(time);
    return count(time);
  }
  std::size_t count(Time now) {
    while (!times_.empty() && times_.front() + window_ < now) times_.pop_front();
    return times_.size();
  }

 private:
  Duration window_;
  std::deque<Time> times_;
};

/// The dangerous moment: a controller acts on an object (each write of its own wakes it up again).
class NoHotLoop final : public Invariant {
 public:
  using Invariant::Invariant;
  /// Requests about one object in ten seconds; the fastest legal story (four attempts on four channels, each
  /// with an intent, a doubt and a result) takes fewer.
  static constexpr std::size_t kRequestsMost = 120;
  static constexpr std::size_t kRequestsEachForeign = 6;
  static constexpr Duration kWindow = seconds{10};
  /// After this long without a change from outside the world is quiet.
  static constexpr Duration kQuiet = seconds{60};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (std::holds_alternative<models::Committed>(fact.what)) committed(fact);
    if (!is_controller(fact.actor.process)) {
      const bool from_outside = std::holds_alternative<models::UserCreated>(fact.what) ||
                                std::holds_alternative<models::UserDeleted>(fact.what) ||
                                (std::holds_alternative<models::Committed>(fact.what) &&
                                 std::get<models::Committed>(fact.what).object.resource == kNotifications);
      if (from_outside) last_input_ = fact.time;
      if (const auto* commit = std::get_if<models::Committed>(&fact.what))
        if (commit->object.resource == kNotifications)
          foreign_.try_emplace(commit->object.uid, kWindow).first->second.add(fact.time);
      return;
    }
    if (const auto* refused = std::get_if<models::Refused>(&fact.what)) {
      request(fact, refused->object);
    } else if (const auto* observed = std::get_if<models::Observed>(&fact.what)) {
      if (observed->source == models::Observed::Source::store) request(fact, observed->object);
    }
  }

 private:
  struct Writes {
    std::size_t status = 0;
    std::set<std::string> lives;
    bool told = false;
  };

  void committed(const models::Fact& fact) {
    const auto& commit = std::get<models::Committed>(fact.what);
    if (is_controller(fact.actor.process)) request(fact, commit.object);
    const StatusWrite* write = history().status_write();
    if (write == nullptr || !commit.before) return;
    reach();
    const StatusView& before = write->before;
    const StatusView& after = write->after;
    const bool finished = before.is_terminal() && before.times.contains("completionTime");
    if (finished) {
      tell(fact, commit.object, "after the end",
           fmt::format("writes the status although its phase is {}", before.phase));
    } else if (same_but_times(status_of(*commit.before), status_of(*commit.after))) {
      tell(fact, commit.object, "nothing new", "writes a status that changes nothing but times");
    }
    Writes& writes = writes_[commit.object.uid];
    ++writes.status;
    writes.lives.insert(fact.actor.process + "/" + std::to_string(fact.actor.incarnation));
    // Each attempt is announced, made and concluded; the breaker opens and closes; each life may look anew.
    const Incarnation* incarnation = history().by_uid(commit.object.uid);
    const auto age = incarnation != nullptr ? (fact.time - incarnation->created) / seconds{15} : 0;
    const std::size_t most =
        8 + 4 * after.attempts.size() + 4 * writes.lives.size() + 2 * static_cast<std::size_t>(age);
    if (writes.status > most && !writes.told) {
      writes.told = true;
      tell(fact, commit.object, "many",
           fmt::format("has written the status {} times for {} attempts", writes.status,
                       after.attempts.size()));
    }
  }

  void request(const models::Fact& fact, const models::ObjectRef& object) {
    if (object.resource != kNotifications || object.name.empty()) return;
    const std::string key = fact.actor.process + " " + object.ns + "/" + object.name + " " + object.uid;
    // Each change by somebody else may wake it, and each may cost it a conflict.
    const auto others = foreign_.find(object.uid);
    const std::size_t most =
        kRequestsMost +
        (others == foreign_.end() ? 0 : kRequestsEachForeign * others->second.count(fact.time));
    if (rates_.try_emplace(key, kWindow).first->second.add(fact.time) > most)
      tell(fact, object, "requests", fmt::format("makes more than {} requests in 10 s", most));
    judge_quiet(fact, object);
  }

  /// In a quiet world a finished object is nobody's business.
  void judge_quiet(const models::Fact& fact, const models::ObjectRef& object) {
    const Time since = fact.time - kQuiet;
    if (last_input_ > since || (lives_.last_trouble() && *lives_.last_trouble() > since)) return;
    const Incarnation* incarnation = history().by_uid(object.uid);
    if (incarnation == nullptr || incarnation->removed || !incarnation->is_terminal()) return;
    std::size_t& looks = looks_[fact.actor.process + " " + object.uid];
    if (++looks > kLooksMost)
      tell(fact, object, "quiet", fmt::format("still asks for it in a quiet world, {} times", looks));
  }
  /// A retry that was planned, and a resync now and then.
  static constexpr std::size_t kLooksMost = 12;

  void tell(const models::Fact& fact, const models::ObjectRef& object, const std::string& kind,
            const std::string& what) {
    if (!told_.insert(fact.actor.process + " " + object.ns + "/" + object.name + object.uid + kind).second)
      return;
    const Incarnation* incarnation = history().by_uid(object.uid);
    violate(incarnation, fact.time, {fact.number},
            fmt::format("{} {}: {}", fact.actor.process, what,
                        incarnation != nullptr ? incarnation->token : object.name));
  }

  Lives lives_;
  Time last_input_;
  std::map<std::string, Writes> writes_;  // by uid
  std::map<std::string, Rate> foreign_;   // changes by others, by uid
  std::map<std::string, Rate> rates_;     // by process and object
  std::map<std::string, std::size_t> looks_;
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kNoHotLoop = {"no-hot-loop",
                                  "Each write and request has a reason: none that changes nothing, none "
                                  "after the end, no storm about one object.",
                                  "commits, refusals and reads of controllers", Duration{0},
                                  make_invariant<NoHotLoop>};

}  // namespace racebed::experiments

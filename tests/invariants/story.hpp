// A scripted ledger: what happened, line by line, judged by one invariant.
#pragma once

#include <string>
#include <vector>

#include "experiments/invariants/invariant.hpp"

namespace racebed::tests {

/// An attempt as a status records it.
struct Attempt {
  std::string channel;
  std::string status;  // "success", "failed", "pending"
  Duration at{0};      // since the beginning; written in whole seconds
};

class Story {
 public:
  explicit Story(std::string guarantee = "none");

  /// From now on things happen at this time since the beginning.
  Story& at(Duration time);
  Story& create(const std::string& name, const std::string& uid,
                std::vector<std::string> channels = {"slack"});
  Story& remove(const std::string& uid);
  /// The user knows that it is gone.
  Story& user_deleted(const std::string& uid);
  Story& status(const std::string& uid, const std::string& phase, std::vector<Attempt> attempts = {},
                const std::string& by = "controller-0");
  /// `uid`'s message; its token is "t-UID".
  Story& delivered(const std::string& uid, const std::string& channel,
                   const std::string& sender = "controller-0");
  /// Slack's answer; `message`: which one it had accepted, empty if none.
  Story& answered(int status, const std::string& message = {});
  Story& reads(const std::string& uid, const std::string& by = "controller-0");
  Story& lease(const std::string& holder);  // "controller-0_1"; empty: given back
  Story& killed(const std::string& process);
  Story& holds_at_end(const std::string& process, std::int64_t tasks, std::int64_t sockets);

  /// Slack has `uid`'s request and has not decided.
  Story& asked(const std::string& uid, std::uint64_t connection = 1,
               const std::string& sender = "controller-0");
  /// ... and answers it without taking the message; 0: not at all.
  Story& refuses(const std::string& uid, int status, std::optional<Duration> retry_after = {},
                 std::uint64_t connection = 1, const std::string& sender = "controller-0");
  /// ... or takes it and says so.
  Story& accepts(const std::string& uid, std::uint64_t connection = 1,
                 const std::string& sender = "controller-0");
  /// A connection to Slack: the chain that it presents, and how the handshake ended.
  Story& connects(std::uint64_t connection, const std::string& certificate = "good",
                  const std::string& tls = "ok", const std::string& sender = "controller-0");
  Story& lifts(const std::string& fault);
  /// A finalizer keeps it.
  Story& marks_deleted(const std::string& uid);

  /// Anything else that happened.
  Story& fact(models::Actor actor, models::What what);
  /// The whole status of `uid` as `by` writes it.
  Story& writes(const std::string& uid, models::Json status, const std::string& by = "controller-0");
  Story& claims(const std::string& kind, models::Json content, const std::string& by = "controller-0",
                std::uint32_t life = 1);
  Story& logs(const std::string& line, const std::string& by = "controller-0");
  Story& process(const std::string& name, models::ProcessEvent::What what, std::uint32_t life = 1,
                 const std::string& detail = {});
  Story& fires(const std::string& fault);
  Story& settles();
  Story& metrics(experiments::MetricNames names);
  Story& ends_with(const experiments::ProcessAccount& account);

  /// "held", "violated", "allowed" or "not reached".
  std::string judge(const std::string& invariant, Duration end = std::chrono::minutes{10});

 private:
  void tell(models::Actor actor, models::What what);
  models::Json& object(const std::string& uid);

  std::string guarantee_;
  Time begin_{std::chrono::seconds{1764374400}};
  Duration now_{0};
  std::uint64_t revision_ = 1;
  std::vector<models::Fact> facts_;
  struct Line {
    std::size_t after;  // so many facts
    std::string process;
    std::string text;
  };
  std::vector<Line> lines_;
  experiments::MetricNames metrics_;
  std::vector<std::pair<std::string, models::Json>> objects_;  // by uid
  std::string lease_holder_;
  experiments::FinalState final_;
};

}  // namespace racebed::tests

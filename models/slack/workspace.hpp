// A Slack workspace without I/O: which requests it accepts, what it answers, which messages it holds.
// Incoming webhooks and the Web API's chat.postMessage and conversations.history, with Slack's documented
// limits and error words.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/http/conversation.hpp"
#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct WorkspaceOptions {
  std::string webhook_path = "/services/T0RACE/B0RACE/f4k3s3cr3t";
  std::string token = "xoxb-racebed-0001";
  std::string channel = "C0NOTIFY";  // the webhook posts here too
};

class Workspace {
 public:
  explicit Workspace(WorkspaceOptions options);
  ~Workspace();

  /// A request taken apart and checked; nothing has been accepted yet.
  struct Post {
    std::string channel;
    std::string token;        // of the notification, "" without one
    std::string claimed_uid;  // from the message's metadata
    bool web_api = false;
    std::string content;  // the message, as it came
    JsonPtr message;      // and read
  };
  struct Checked {
    std::optional<Post> post{};                // set: a message that can be accepted
    std::optional<HttpServerAnswer> answer{};  // set: the answer, with nothing to accept
  };
  Checked check(const HttpServerRequest& request) const;

  /// Accepts a message at `now`: it is in the history from this moment on. Returns its ts, unique in the
  /// workspace.
  std::string accept(const Post& post, Time now);
  HttpServerAnswer confirm(const Post& post, const std::string& ts) const;

  std::size_t messages() const;

 private:
  struct Message;
  Checked check_webhook(const HttpServerRequest& request) const;
  Checked check_post_message(const HttpServerRequest& request) const;
  HttpServerAnswer history(const HttpServerRequest& request) const;
  bool authorized(const HttpServerRequest& request) const;

  WorkspaceOptions options_;
  std::vector<Message> messages_;  // oldest first
};

}  // namespace racebed::models

// Carries out a plan: the user's hand at the keyboard. Retries as a careful kubectl user would: after an
// answer that never came it looks before it repeats. What the user did is recorded in the ledger once its
// outcome is known: UserCreated with the uid, UserDeleted when the object is gone.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "models/apiserver/http.hpp"
#include "models/ledger/ledger.hpp"
#include "models/users/plan.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

/// The user's way to the API; the world supplies it, with latency and failures.
class UserApi {
 public:
  virtual ~UserApi() = default;
  /// Nothing when no answer came: the request may or may not have been carried out. Ends by itself.
  virtual asio::awaitable<std::optional<ApiHttpResponse>> call(ApiHttpRequest request) = 0;
};

struct WorkloadOptions {
  Actor user{"user", 1};
  Duration retry_after =
      std::chrono::seconds{1};  // after no answer, 429 and 5xx, unless the server says more
  Duration poll = std::chrono::milliseconds{100};  // while a deleted object is held by finalizers
  int tries_max = 300;                             // of one step; then the user gives up
};

class Workload {
 public:
  /// `runtime` is the user's process; it, `api` and `ledger` must outlive the workload.
  Workload(Runtime& runtime, UserApi& api, Ledger& ledger, Plan plan, WorkloadOptions options = {});
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// Does the whole plan. Once.
  asio::awaitable<void> run();

  /// All steps are done, or the user gave up.
  bool finished() const { return finished_; }
  /// The step that failed tries_max times or was refused for good, in words; empty if none.
  const std::string& gave_up() const { return gave_up_; }

 private:
  struct Progress;
  struct Incarnation {
    std::string token;
    std::string uid;
  };
  asio::awaitable<void> make_namespace();
  asio::awaitable<void> create(CreateStep step);
  asio::awaitable<void> remove(DeleteStep step);
  asio::awaitable<void> release(std::string name);
  asio::awaitable<void> await_moment(AwaitStep step);
  asio::awaitable<void> pause(Duration base, Duration spread);
  /// Waits before a repetition; false when the tries are used up.
  asio::awaitable<bool> before_retry(int& tries, Duration wait, std::string what);
  ApiHttpRequest request(std::string method, std::string target, JsonPtr body = nullptr) const;
  std::string collection() const;
  void created(const CreateStep& step, const Json& object);

  Runtime& runtime_;
  UserApi& api_;
  Ledger& ledger_;
  Plan plan_;
  WorkloadOptions options_;
  std::map<std::string, Incarnation> current_;  // by name
  std::shared_ptr<Progress> progress_;          // what the ledger says of the incarnations
  bool finished_ = false;
  std::string gave_up_;
};

}  // namespace racebed::models

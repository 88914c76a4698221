// The API servers of a world: processes over one store, each with caches of its own, each able to die and
// come back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/world/api_link.hpp"
#include "models/apiserver/front_end.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

class ApiServers {
 public:
  ApiServers(sim::Kernel& kernel, models::Ledger& ledger, std::uint64_t count);

  /// "apiserver-0" ...
  const std::vector<std::string>& names() const { return names_; }
  /// What a server asks, by its name.
  using Policies = std::function<models::FrontEndPolicy&(std::string_view server)>;
  /// Starts them. `on_process` is called for each new process first.
  void start(const Policies& policies, const std::function<void(sim::Process&)>& on_process);

  /// All of them, for a client. Good for the life of this object.
  ApiEndpoints endpoints() const;
  models::FrontEnd* front_end(std::string_view name);
  models::Store& store() { return store_; }
  const models::Registry& registry() const { return registry_; }

 private:
  struct Server {
    std::unique_ptr<models::FrontEnd> front_end;
    std::unique_ptr<ApiService> service;
    ApiService* now = nullptr;
  };
  asio::awaitable<void> main(Runtime& runtime, sim::Process& process, Server& server,
                             models::FrontEndPolicy& policy);

  sim::Kernel& kernel_;
  models::Ledger& ledger_;
  models::Registry registry_;
  models::Store store_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace racebed::experiments

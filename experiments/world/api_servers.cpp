#include "experiments/world/api_servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/world/fixtures.hpp"
#include "experiments/world/plan.hpp"

namespace racebed::experiments {

ApiServers::ApiServers(sim::Kernel& kernel, models::Ledger& ledger, std::uint64_t count)
    : kernel_(kernel), ledger_(ledger), registry_(fixtures().kinds.registry()), store_(ledger) {
  for (std::uint64_t i = 0; i < count; ++i) {
    names_.push_back(fmt::format("apiserver-{}", i));
    servers_.push_back(std::make_unique<Server>());
  }
}

void ApiServers::start(const Policies& policies, const std::function<void(sim::Process&)>& on_process) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    sim::Process& process = kernel_.add_process({.name = names_[i]});
    on_process(process);
    process.start([this, &process, &server = *servers_[i], &policy = policies(names_[i])](Runtime& runtime) {
      return main(runtime, process, server, policy);
    });
  }
}

asio::awaitable<void> ApiServers::main(Runtime& runtime, sim::Process& process, Server& server,
                                       models::FrontEndPolicy& policy) {
  server.now = nullptr;  // what is left of the life before goes now: nobody stands in its code any more
  server.service.reset();
  server.front_end = std::make_unique<models::FrontEnd>(runtime, store_, registry_, policy, ledger_);
  models::FrontEnd* const front_end = server.front_end.get();
  server.service = std::make_unique<ApiService>(
      process, [front_end](models::ApiHttpRequest request) { return front_end->handle(std::move(request)); });
  server.now = server.service.get();
  // A kube-apiserver makes this namespace by itself.
  const models::ResourceType& namespaces = *registry_.find("", "v1", "namespaces");
  const std::string key = models::Store::key("", kUserNamespace);
  if (store_.find(namespaces, key) == nullptr) {
    models::Json object{
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kUserNamespace}}}};
    store_.put(namespaces, key, std::move(object), {std::string(process.name()), process.incarnation()},
               models::Committed::Operation::create);
  }
  co_await front_end->run();
}

ApiEndpoints ApiServers::endpoints() const {
  ApiEndpoints endpoints;
  for (std::size_t i = 0; i < names_.size(); ++i) endpoints.push_back({names_[i], &servers_[i]->now});
  return endpoints;
}

models::FrontEnd* ApiServers::front_end(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return nullptr;
  const Server& server = *servers_[static_cast<std::size_t>(found - names_.begin())];
  const sim::Process* process = kernel_.find_process(name);
  const bool up =
      server.now != nullptr && process != nullptr && process->state() == sim::ProcessState::running;
  return up ? server.front_end.get() : nullptr;
}

}  // namespace racebed::experiments

// The life of controller processes against one shared API server of a few lines: start-up order, failover,
// shutdown, lost leases; also under many seeds, and with the process killed anywhere.
#include "core/kube/manager.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <memory>

#include "tests/core_kube/scripted_server.hpp"
#include "tests/support/world.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

const Resource kWidgets{"example.com", "v1", "widgets", "Widget", true};

/// One store for all processes: objects by path, resourceVersions checked, lists and silent watches.
struct Store {
  std::map<std::string, Json> objects;
  int revision = 10;

  static ApiResponse status(int code) {
    ApiResponse response;
    response.status = code;
    return response;
  }
  ApiResponse put(const std::string& path, Json object) {
    object["metadata"]["resourceVersion"] = std::to_string(++revision);
    objects[path] = object;
    ApiResponse response = status(200);
    response.body = std::make_shared<const Json>(std::move(object));
    return response;
  }
  ApiResponse handle(const ApiRequest& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    const auto found = objects.find(path);
    switch (request.verb) {
      case Verb::get: {
        if (path.ends_with("/widgets")) {
          Json items = Json::array();
          for (const auto& [where, object] : objects) {
            if (where.find("/widgets/") != std::string::npos) items.push_back(object);
          }
          ApiResponse response = status(200);
          response.body = std::make_shared<const Json>(list_of(revision, items));
          return response;
        }
        if (found == objects.end()) return status(404);
        ApiResponse response = status(200);
        response.body = std::make_shared<const Json>(found->second);
        return response;
      }
      case Verb::post: {
        const std::string at = path + "/" + (*request.body)["metadata"]["name"].get<std::string>();
        if (objects.contains(at)) return status(409);
        return put(at, *request.body);
      }
      case Verb::put:
        if (found == objects.end()) return status(404);
        if (found->second["metadata"]["resourceVersion"] != (*request.body)["metadata"]["resourceVersion"]) {
          return status(409);
        }
        return put(path, *request.body);
      default:
        return status(405);
    }
  }
};

/// A process's way to the store: 1 ms there and 1 ms back; cut off, nothing comes back.
class Line final : public ApiTransport {
 public:
  Line(Runtime& runtime, Store& store, const bool& cut) : runtime_(runtime), store_(store), cut_(cut) {}
  asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration timeout) override {
    co_await runtime_.clock.sleep_for(1ms);
    if (cut_) {
      co_await runtime_.clock.sleep_for(timeout - 1ms);
      co_return TransportError{TransportError::Outcome::unknown, "timed out"};
    }
    ApiResponse response = store_.handle(request);
    co_await runtime_.clock.sleep_for(1ms);
    co_return response;
  }
  asio::awaitable<Result<WatchAnswer, TransportError>> watch(ApiRequest, Duration) override {
    WatchAnswer answer;
    answer.stream = std::make_unique<ScriptedStream>(runtime_, std::vector<Push>());
    co_return answer;
  }

 private:
  Runtime& runtime_;
  Store& store_;
  const bool& cut_;
};

/// What the test controls and sees of one process.
struct Replica {
  std::string name;
  Duration work_takes{1s};
  bool cut = false;
  bool elects = true;
  std::size_t workers = 1;
  Manager* manager = nullptr;  // while it runs
};

class StoryReconciler final : public Reconciler {
 public:
  StoryReconciler(Runtime& runtime, Story& story, Replica& replica, int& acting)
      : runtime_(runtime), story_(story), replica_(replica), acting_(acting) {}
  asio::awaitable<ReconcileResult> reconcile(ObjectKey key) override {
    if (replica_.manager->leadership_remaining() <= Duration{0}) co_return ReconcileResult::again();
    story_(replica_.name + " begins " + key.name);
    ++acting_;
    CHECK(acting_ <= static_cast<int>(replica_.workers));
    try {
      co_await runtime_.clock.sleep_for(replica_.work_takes);
    } catch (...) {
      --acting_;
      story_(replica_.name + " is cut off");
      throw;
    }
    --acting_;
    story_(replica_.name + " ends " + key.name);
    if (key.name == "periodic") co_return ReconcileResult::after(10s);
    if (key.name == "failing" && ++failures_ < 3) co_return ReconcileResult::failed("no");
    co_return ReconcileResult::done();
  }

 private:
  Runtime& runtime_;
  Story& story_;
  Replica& replica_;
  int& acting_;
  int failures_ = 0;
};

asio::awaitable<void> controller(Runtime& runtime, Store& store, Story& story, Replica& replica,
                                 int& acting) {
  Line line(runtime, store, replica.cut);
  Client client(runtime, line);
  WorkQueue queue(runtime);
  InformerOptions listing;
  listing.reflector.streaming = false;
  Informer informer(runtime, client, kWidgets, listing, obs::Logger());
  EventHandlers handlers;
  handlers.on_add = [&queue](const Object& object, bool) { queue.add(object.key()); };
  informer.add_handlers(std::move(handlers));
  StoryReconciler reconciler(runtime, story, replica, acting);
  ManagerOptions options;
  options.workers = replica.workers;
  if (replica.elects) {
    options.election.emplace();
    options.election->identity = replica.name;
    options.election->lease = {"ns", "lock"};
  }
  Manager manager(runtime, client, queue, reconciler, std::move(options), obs::Logger());
  manager.add_informer(informer);
  replica.manager = &manager;
  const ManagerExit exit = co_await manager.run();
  replica.manager = nullptr;
  story(fmt::format("{} exits: {}", replica.name, to_string(exit)));
  CHECK(runtime.tasks.live() == 1);
}

/// Two replicas "a" and "b" (b a second later) and a way to act on them at moments of virtual time.
struct World {
  explicit World(sim::Kernel& k, std::vector<std::string> names) : kernel(k), story(k) {
    int revision = 0;
    for (const std::string& name : names) {
      store.objects["/apis/example.com/v1/namespaces/ns/widgets/" + name] =
          widget(name, "u-" + name, ++revision);
    }
  }
  sim::Process& start(Replica& replica) {
    sim::Process& process = kernel.add_process({.name = replica.name});
    process.start([this, &replica](Runtime& rt) { return controller(rt, store, story, replica, acting); });
    return process;
  }
  template <class F>
  void at(Duration when, F f) {
    kernel.call_at(kernel.world(), story.begin + when, std::move(f));
  }
  std::string holder() const {
    return store.objects.at(
        "/apis/coordination.k8s.io/v1/namespaces/ns/leases/lock")["spec"]["holderIdentity"];
  }
  sim::Kernel& kernel;
  Store store;
  Story story;
  int acting = 0;
};

std::string dull(const std::function<std::string(sim::Kernel&)>& world) {
  sim::Choices choices(sim::scripted_choices({}));
  sim::Kernel kernel(choices);
  return world(kernel);
}

}  // namespace

TEST_CASE(
    "caches, then leading, then workers; results say when a key comes again; SIGTERM finishes and releases") {
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"failing", "periodic", "plain"});
    Replica a{.name = "a"};
    world.start(a);
    world.at(0ms, [&] { CHECK_FALSE((a.manager != nullptr && a.manager->is_ready())); });
    world.at(3ms, [&] {
      CHECK(a.manager->is_ready());
      CHECK_FALSE(a.manager->is_leader());
    });
    world.at(500ms, [&] {
      CHECK(a.manager->is_leader());
      CHECK(a.manager->leadership_remaining() > 9s);
      CHECK(a.manager->is_healthy());
    });
    world.at(14500ms, [&] { a.manager->shut_down(); });
    kernel.run(kernel.now() + 1min);
    CHECK(world.holder().empty());
    return world.story.text;
  });
  CHECK(text ==
        "6ms a begins failing\n1006ms a ends failing\n"
        "1006ms a begins periodic\n2006ms a ends periodic\n"
        "2006ms a begins plain\n3006ms a ends plain\n"
        "3006ms a begins failing\n4006ms a ends failing\n"
        "4016ms a begins failing\n5016ms a ends failing\n"
        "12006ms a begins periodic\n13006ms a ends periodic\n"
        "14504ms a exits: clean\n");
}

TEST_CASE("a lease that was being acquired when the process was asked to end is given back") {
  // The caches are there after 2 ms; the lease is asked for until 4 ms and created until 6 ms.
  int acquired = 0;
  for (Duration asked = 2500us; asked < 8ms; asked += 500us) {
    CAPTURE(asked / 1us);
    dull([&](sim::Kernel& kernel) {
      World world(kernel, {});
      Replica a{.name = "a"};
      world.start(a);
      world.at(asked, [&] { a.manager->shut_down(); });
      kernel.run(kernel.now() + 1min);
      CHECK(a.manager == nullptr);
      if (world.store.objects.contains("/apis/coordination.k8s.io/v1/namespaces/ns/leases/lock")) {
        ++acquired;
        CHECK(world.holder().empty());
      }
      return world.story.text;
    });
  }
  CHECK(acquired > 1);
}

TEST_CASE(
    "without election the workers start with the caches, and a shutdown cuts off what outlasts the grace "
    "period") {
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"x"});
    Replica a{.name = "a", .work_takes = 1min, .elects = false};
    world.start(a);
    world.at(5s, [&] { a.manager->shut_down(); });
    kernel.run(kernel.now() + 2min);
    return world.story.text;
  });
  CHECK(text ==
        "2ms a begins x\n"
        "15000ms a is cut off\n"
        "15000ms a exits: grace-period-over\n");
}

TEST_CASE("a leader that is cut off stops in time, and the other takes over without ever acting beside it") {
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"x"});
    Replica a{.name = "a", .work_takes = 1min};
    Replica b{.name = "b"};
    world.start(a);
    world.at(1s, [&] { world.start(b); });
    world.at(5s, [&] { a.cut = true; });
    kernel.run(kernel.now() + 1min);
    CHECK(world.holder() == "b");
    return world.story.text;
  });
  CHECK(text ==
        "6ms a begins x\n"
        "16012ms a is cut off\n"
        "16012ms a exits: lost-lease\n"
        "21026ms b begins x\n"
        "22026ms b ends x\n");
}

TEST_CASE("a released lease is taken over at the other's next try") {
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"x"});
    Replica a{.name = "a"};
    Replica b{.name = "b"};
    world.start(a);
    world.at(1s, [&] { world.start(b); });
    world.at(5s, [&] { a.manager->shut_down(); });
    kernel.run(kernel.now() + 20s);
    return world.story.text;
  });
  CHECK(text ==
        "6ms a begins x\n1006ms a ends x\n"
        "5004ms a exits: clean\n"
        "5010ms b begins x\n6010ms b ends x\n");
}

TEST_CASE("caches that never sync end the process, and nothing is left of it") {
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"x"});
    Replica a{.name = "a", .cut = true};
    sim::Process& process = world.start(a);
    kernel.run(kernel.now() + 5min);
    CHECK(process.state() == sim::ProcessState::dead);
    return world.story.text;
  });
  CHECK(text == "120000ms a exits: cache-sync-timeout\n");
}

TEST_CASE("a cancelled manager ends as a crash would, but leaves no task behind") {
  struct Main {
    static asio::awaitable<void> run(Runtime& runtime, World& world, Replica& replica) {
      TaskGroup group(runtime);
      group.spawn("manager", controller(runtime, world.store, world.story, replica, world.acting));
      co_await runtime.clock.sleep_for(500ms);
      group.cancel();
      co_await group.join();
      world.story("joined");
      CHECK(runtime.tasks.live() == 1);
    }
  };
  const std::string text = dull([](sim::Kernel& kernel) {
    World world(kernel, {"x"});
    Replica a{.name = "a"};
    kernel.add_process({.name = "a"}).start([&](Runtime& rt) { return Main::run(rt, world, a); });
    kernel.run(kernel.now() + 1min);
    CHECK(world.holder() == "a");
    return world.story.text;
  });
  CHECK(text == "6ms a begins x\n500ms a is cut off\n500ms joined\n");
}

TEST_CASE("whenever the leader dies or freezes, only one acts, the other takes over, and the run repeats") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    racebed::tests::run_twice(seed, [seed](sim::Kernel& kernel) {
      World world(kernel, {"x", "y", "z", "periodic"});
      Replica a{.name = "a", .work_takes = 100ms, .workers = 3};
      Replica b{.name = "b", .work_takes = 100ms, .workers = 3};
      sim::Process& first = world.start(a);
      world.start(b);
      sim::Process* led = nullptr;
      const auto leader = [&]() -> Replica& {
        return a.manager != nullptr && a.manager->is_leader() ? a : b;
      };
      world.at(4s + Duration{137ms} * static_cast<int>(seed), [&] {
        led = leader().name == "a" ? &first : kernel.find_process("b");
        world.acting = 0;  // what the dead one did no longer counts
        if (seed % 2 == 0) {
          led->kill();
        } else {
          led->power_loss();
        }
      });
      kernel.run(kernel.now() + 1min);
      REQUIRE(led != nullptr);
      CHECK(world.holder() == (led == &first ? "b" : "a"));
      CHECK(world.story.text.rfind("begins periodic") > world.story.text.size() / 2);
      return world.story.text;
    });
  }
}

}  // namespace racebed::kube::tests

#include "tests/e2e/slurm.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

namespace asio = boost::asio;

constexpr Bound kReadyBound{20'000};

/// {host}: this machine; {folder}: where everything is written; {plugins}: Slurm's own libraries.
constexpr const char* kConfiguration = R"(ClusterName=racebed
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
PluginDir={plugins}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SchedulerParameters=sched_interval=1,bf_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP
)";

std::string debian(const std::string& path) {
  return client("debian/" + path);
}

/// Slurm's plugins are in a folder beside the libraries, whose name depends on the machine's kind.
std::string plugins() {
  const std::string libraries = debian("usr/lib");
  if (!std::filesystem::exists(libraries)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(libraries)) {
    std::string plugins = entry.path() / "slurm-wlm";
    if (std::filesystem::exists(plugins)) return plugins;
  }
  return {};
}

/// What slurmctld and slurmd know the machine by: its name without the domain.
std::string host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  const std::string whole = name.data();
  return whole.substr(0, whole.find('.'));
}

std::string user() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "root";
}

/// Two ports that nobody listens on.
std::array<std::uint16_t, 2> free_ports() {
  asio::io_context context;
  const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
  asio::ip::tcp::acceptor first(context, any);
  asio::ip::tcp::acceptor second(context, any);
  return {first.local_endpoint().port(), second.local_endpoint().port()};
}

}  // namespace

bool Slurm::is_there() {
  return !plugins().empty() && std::filesystem::exists(debian("usr/sbin/munged"));
}

Slurm::Slurm() {
  const std::string& folder = folder_.path();
  const auto [controller_port, node_port] = free_ports();
  const std::string libraries = std::filesystem::path(plugins()).parent_path();
  process_.folder = folder;
  process_.environment = {
      {"PATH", debian("usr/bin") + ":" + std::getenv("PATH")},
      {"LD_LIBRARY_PATH", libraries + ":" + plugins()},
      {"SLURM_CONF",
       folder_.write(
           "slurm.conf",
           fmt::format(fmt::runtime(kConfiguration), fmt::arg("host", host()), fmt::arg("folder", folder),
                       fmt::arg("plugins", plugins()), fmt::arg("user", user()),
                       fmt::arg("controller_port", controller_port), fmt::arg("node_port", node_port)))}};
  for (const char* name : {"state", "spool"}) std::filesystem::create_directory(folder + "/" + name);
  const std::string key = folder_.write("munge.key", std::string(1024, 'k'));
  ::chmod(key.c_str(), 0600);

  // --force: the folder above the socket is everybody's.
  start({debian("usr/sbin/munged"), "--foreground", "--force", "--key-file=" + key,
         "--socket=" + folder + "/munge.sock", "--pid-file=" + folder + "/munge.pid",
         "--log-file=" + folder + "/munge.log", "--seed-file=" + folder + "/munge.seed"});
  const bool has_socket =
      eventually(kReadyBound, [&] { return std::filesystem::exists(folder + "/munge.sock"); });
  start({debian("usr/sbin/slurmctld-wlm"), "-D"});
  start({debian("usr/sbin/slurmd-wlm"), "-D", "-d", debian("usr/sbin/slurmstepd-wlm")});
  const bool takes_jobs = has_socket && eventually(kReadyBound, [&] {
                            return run({"sinfo", "--noheader", "--format=%T"}).output == "idle\n";
                          });
  if (!takes_jobs) throw std::runtime_error("Slurm takes no jobs:\n" + log());
}

Slurm::~Slurm() {
  run({"scancel", "--user=" + user()});
  eventually(Bound{5'000}, [&] { return run({"squeue", "--noheader"}).output.empty(); });
  while (!daemons_.empty()) daemons_.pop_back();
}

ChildProcess& Slurm::start(std::vector<std::string> command) {
  return *daemons_.emplace_back(std::make_unique<ChildProcess>(std::move(command), process_));
}

Ran Slurm::run(std::vector<std::string> command, std::map<std::string, std::string> environment) const {
  ProcessOptions options = process_;
  options.environment.merge(environment);
  command.insert(command.begin(), "env");  // which looks in Slurm's PATH, not in the test's
  return tests::run(std::move(command), Bound{30'000}, options);
}

std::string Slurm::state(const std::string& job) const {
  std::string states = run({"squeue", "--noheader", "--states=all", "--jobs=" + job, "--format=%T"}).output;
  while (states.ends_with('\n')) states.pop_back();
  return states;
}

std::string Slurm::log() const {
  std::string all;
  for (const auto& daemon : daemons_) all += fmt::format("$ {}\n{}\n", daemon->command(), daemon->output());
  return all + folder_.read("munge.log");
}

}  // namespace racebed::tests

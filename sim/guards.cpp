// Definitions of C library functions in the program itself come before the library's own, for the program and
// for every shared library it loads. Each passes through unless a run is on.
#include "sim/guards.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "sim/heap_account.hpp"
#include "sim/kernel.hpp"

namespace racebed::sim::guards {
namespace {

/// The library's own function of that name.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool on_duty = true;

/// The run that must not see the machine; null outside runs and while Asio keeps its own books.
Kernel* guarded() {
  Kernel* kernel = Kernel::running();
  return kernel != nullptr && on_duty && !kernel->in_asio() ? kernel : nullptr;
}

std::string function_at(void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_sname == nullptr) return {};
  int status = 0;
  char* readable = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
  std::string name = status == 0 ? readable : info.dli_sname;
  std::free(readable);
  if (name.size() > 90) name = name.substr(0, 87) + "...";
  return name;
}

/// Process, task and the functions that led to the call, the innermost first.
std::string whereabouts(Kernel& kernel) {
  const Domain* domain = kernel.current();
  std::string text =
      domain != nullptr && domain->process != nullptr
          ? fmt::format("{}#{}, task {}", domain->process->name(), domain->incarnation, kernel.current_task())
          : std::string("the world");
  std::array<void*, 24> frames{};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  int shown = 0;
  for (int i = 2; i < count && shown < 5; ++i) {
    const std::string name = function_at(frames[static_cast<std::size_t>(i)]);
    if (name.empty() || name.find("racebed::sim::guards") != std::string::npos) continue;
    text += (shown++ == 0 ? ": " : " < ") + name;
  }
  return text;
}

/// True when a run was caught: the caller gets the harmless answer.
bool caught(std::string_view what) {
  Kernel* kernel = guarded();
  if (kernel == nullptr || kernel->leak()) return kernel != nullptr;
  kernel->report_leak(what, whereabouts(*kernel));
  return true;
}

/// OpenSSL asks for the time of sessions; it gets virtual time, which is no leak.
bool called_by_openssl(void* return_address) {
  Dl_info info{};
  if (dladdr(return_address, &info) == 0 || info.dli_fname == nullptr) return false;
  const std::string_view file(info.dli_fname);
  return file.find("libcrypto") != std::string_view::npos || file.find("libssl") != std::string_view::npos;
}

Duration virtual_time() {
  return Kernel::running()->now().time_since_epoch();
}

timespec virtual_timespec() {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(virtual_time());
  return {seconds.count(), (virtual_time() - seconds).count()};
}

std::size_t shake_from_environment() {
  const char* text = std::getenv("RACEBED_SHAKE");
  const std::size_t shake = text == nullptr ? 0 : std::strtoul(text, nullptr, 10);
  if (shake != 0) heap::set_shake(shake * 0x9e3779b97f4a7c15ULL | 1);
  return shake;
}

/// Read once, when the first string is hashed: tables that live as long as the process must not see it
/// change.
std::size_t hash_salt() {
  static const std::size_t salt = shake_from_environment() * 0x9e3779b97f4a7c15ULL;
  return salt;
}

[[maybe_unused]] const std::size_t read_at_start = hash_salt();

}  // namespace

void link() {}
void stand_down() {
  on_duty = false;
}
bool shaken() {
  return hash_salt() != 0;
}

}  // namespace racebed::sim::guards

namespace guards = racebed::sim::guards;

extern "C" {

// Where a sanitizer is linked into the program, its own definition stands between ours and the library's, and
// it must hear of every thread.
[[gnu::weak]] int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  if (guards::caught("a thread (pthread_create)")) return EAGAIN;
  static const auto next =
      __interceptor_pthread_create != nullptr
          ? __interceptor_pthread_create
          : guards::real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return next(thread, attributes, start, argument);
}

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  if (guards::guarded() != nullptr && clock != CLOCK_PROCESS_CPUTIME_ID &&
      guards::caught("the real clock (clock_gettime)")) {
    *out = guards::virtual_timespec();
    return 0;
  }
  static const auto next = guards::real<int(clockid_t, timespec*)>("clock_gettime");
  return next(clock, out);
}

int gettimeofday(timeval* out, void* zone) noexcept {
  if (guards::caught("the real clock (gettimeofday)")) {
    const timespec now = guards::virtual_timespec();
    *out = {now.tv_sec, now.tv_nsec / 1000};
    return 0;
  }
  static const auto next = guards::real<int(timeval*, void*)>("gettimeofday");
  return next(out, zone);
}

time_t time(time_t* out) noexcept {
  if (guards::guarded() != nullptr) {
    if (!guards::called_by_openssl(__builtin_return_address(0))) guards::caught("the real clock (time)");
    const time_t now = guards::virtual_timespec().tv_sec;
    if (out != nullptr) *out = now;
    return now;
  }
  static const auto next = guards::real<time_t(time_t*)>("time");
  return next(out);
}

ssize_t getrandom(void* buffer, size_t length, unsigned flags) {
  if (guards::caught("the machine's randomness (getrandom)")) {
    std::memset(buffer, 0, length);
    return static_cast<ssize_t>(length);
  }
  static const auto next = guards::real<ssize_t(void*, size_t, unsigned)>("getrandom");
  return next(buffer, length, flags);
}

int getentropy(void* buffer, size_t length) {
  if (guards::caught("the machine's randomness (getentropy)")) {
    std::memset(buffer, 0, length);
    return 0;
  }
  static const auto next = guards::real<int(void*, size_t)>("getentropy");
  return next(buffer, length);
}

int rand() noexcept {
  if (guards::caught("the C library's random numbers (rand)")) return 0;
  static const auto next = guards::real<int()>("rand");
  return next();
}

long random() noexcept {
  if (guards::caught("the C library's random numbers (random)")) return 0;
  static const auto next = guards::real<long()>("random");
  return next();
}

/// std::random_device::_M_getval(): it may read the processor's generator, which no other hook sees.
unsigned racebed_random_device_value(void* device) __asm__("_ZNSt13random_device9_M_getvalEv");
unsigned racebed_random_device_value(void* device) {
  if (guards::caught("std::random_device")) return 0;
  static const auto next = guards::real<unsigned(void*)>("_ZNSt13random_device9_M_getvalEv");
  return next(device);
}

/// std::_Hash_bytes(const void*, size_t, size_t): what std::hash of a string comes to.
size_t racebed_hash_bytes(const void* bytes, size_t length, size_t seed) __asm__("_ZSt11_Hash_bytesPKvmm");
size_t racebed_hash_bytes(const void* bytes, size_t length, size_t seed) {
  static const auto next = guards::real<size_t(const void*, size_t, size_t)>("_ZSt11_Hash_bytesPKvmm");
  return next(bytes, length, seed ^ guards::hash_salt());
}

}  // extern "C"

#include "evidence/store/writer_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "evidence/store/database.hpp"

namespace racebed::evidence {

WriterLock::WriterLock(const std::string& path, bool wanted) {
  if (!wanted) return;
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) throw StoreError(fmt::format("{}: {}", path, std::generic_category().message(errno)));
  if (flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  close(file_);
  throw StoreError(path + ": another racebed is writing it");
}

WriterLock::~WriterLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace racebed::evidence

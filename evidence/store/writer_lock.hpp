// That only one process writes a database.
#pragma once

#include <string>

namespace racebed::evidence {

/// Held by the one writer. It must outlive the writer's connection: closing its descriptor would drop
/// SQLite's own locks.
class WriterLock {
 public:
  /// Not wanted: does nothing. Throws StoreError when the file cannot be opened, or another has it.
  WriterLock(const std::string& path, bool wanted);
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock();

 private:
  int file_ = -1;
};

}  // namespace racebed::evidence

// A folder for what one test writes.
#pragma once

#include <string>

namespace racebed::tests {

/// An empty folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  std::size_t files() const;

 private:
  std::string path_;
};

}  // namespace racebed::tests

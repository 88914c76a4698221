// A Slurm of one node, Debian's: munged, slurmctld and slurmd on loopback, with everything they write in a
// temporary folder.
#pragma once

#include <memory>

#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {

class Slurm {
 public:
  /// Whether scripts/test-clients.sh has fetched it.
  static bool is_there();

  /// Its node takes jobs, two at a time, when constructed. Throws with what the daemons printed when it does
  /// not within 20 s.
  Slurm();
  ~Slurm();  // ends jobs that still run

  /// One of its programs (sbatch, squeue ...) or of ours, which finds them in PATH.
  Ran run(std::vector<std::string> command, std::map<std::string, std::string> environment = {}) const;
  /// "PENDING", "COMPLETED", "FAILED" ...; of an array one for each task that differs; empty: no such job.
  std::string state(const std::string& job) const;
  const TemporaryFolder& folder() const { return folder_; }
  /// What the daemons printed, for a failed test's report.
  std::string log() const;

 private:
  ChildProcess& start(std::vector<std::string> command);

  TemporaryFolder folder_;
  ProcessOptions process_;
  std::vector<std::unique_ptr<ChildProcess>> daemons_;
};

}  // namespace racebed::tests

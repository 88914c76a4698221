// Puts the ledger's facts into the run's trace, and so into its hash.
#pragma once

#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

/// For the life of the ledger; the kernel must outlive it.
void trace_facts(models::Ledger& ledger, sim::Kernel& kernel);

}  // namespace racebed::experiments

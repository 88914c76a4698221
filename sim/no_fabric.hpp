// What a process sees when its kernel has no fabric: a host without network or disk. Private to sim/.
#pragma once

#include "runtime/files.hpp"
#include "runtime/network.hpp"

namespace racebed::sim {

std::unique_ptr<racebed::Network> no_network();
racebed::Files& no_files();

}  // namespace racebed::sim

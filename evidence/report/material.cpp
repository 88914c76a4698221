#include "evidence/report/material.hpp"

#include <utility>

namespace racebed::evidence {

Material::Material(const Database& database, std::string judged)
    : program(database.program()),
      subject(std::move(judged)),
      invariants(database.invariants()),
      cells(summarize(database)),
      failures(database.failures()),
      nights(database.nights()) {
  for (const CellSummary& cell : cells) {
    for (const std::uint64_t seed : database.portrayed(cell.cell.id))
      portraits.push_back({cell.cell.id, seed, *database.portrait(cell.cell.id, seed)});
  }
}

std::vector<const CellSummary*> judged_cells(const Material& material) {
  std::vector<const CellSummary*> judged;
  for (const CellSummary& cell : material.cells) {
    if (cell.cell.is_judged() && cell.cell.subject == material.subject && cell.runs > 0)
      judged.push_back(&cell);
  }
  return judged;
}

}  // namespace racebed::evidence

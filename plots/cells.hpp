// What figures ask of a database's cells: which there are, at which value of an axis, and what was measured
// in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/report/material.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::plots {

using evidence::CellSummary;
using evidence::Counts;
using evidence::judged_cells;
using evidence::Material;

/// Those with runs, canaries apart.
std::vector<const CellSummary*> cells_of(const Material& material, const std::string& scenario,
                                         const std::string& subject);
/// A setting of the cell; nothing where the scenario's own value stands.
std::optional<std::string> setting(const CellSummary& cell, const std::string& path);
/// "50ms", "2s", "100": the number, times in milliseconds. Nothing for another text.
std::optional<double> amount(const std::string& text);
/// Nothing else is set than some of these paths.
bool varies_only(const CellSummary& cell, const std::vector<std::string>& paths);

/// A measure's values over the runs, in ascending order; empty where none has it.
const std::vector<std::int64_t>& values(const CellSummary& cell, const std::string& measure);
/// Runs whose measure is above 0, of those that have it.
Counts above_zero(const CellSummary& cell, const std::string& measure);
/// Runs that violate an invariant, allowed or not, of those that reached its moment.
Counts broken(const CellSummary& cell, const std::string& invariant);
/// A rate in per cent as "rate low high", for error bars; the exact 95 % interval.
std::string rate_with_interval(const Counts& counts);
/// The median over the runs as "value low high", in `unit`s of the measure; 95 %, by order statistics.
std::string median_with_interval(const std::vector<std::int64_t>& sorted, double unit);

/// The run of a cell that has a portrait: the first seed's.
const Material::Portrayed* portrayed(const Material& material, const CellSummary& cell);

}  // namespace racebed::plots

// The schema of a database of sweep results.
#pragma once

namespace racebed::evidence {

/// Databases of another version are refused, and named.
inline constexpr int kSchemaVersion = 2;

/// The statements that make it.
extern const char* const kSchema;

}  // namespace racebed::evidence

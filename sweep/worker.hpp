// One process of a sweep: reads tasks, runs them, answers. It may die at any moment; the sweep goes on.
#pragma once

namespace racebed::sweep {

/// Reads tasks from standard input, a line each, until its end, and answers each seed with a line on standard
/// output: its run, or its record. Ends with the process that started it.
int work();

/// The exit status of a worker that has no memory left.
inline constexpr int kOutOfMemory = 12;

}  // namespace racebed::sweep

// One process of a sweep: reads tasks, runs them, answers. It may die at any moment; the sweep goes on.
#pragma once

namespace racebed::sweep {

/// Reads tasks from standard input, a line each, until its end, and answers each seed with a line on standard
/// output: its run, or its record. Ends with the process that started it.
int work();

}  // namespace racebed::sweep

// The second line against hidden nondeterminism: while a run is on, calls that would start a thread, read the
// machine's clock or draw its randomness are caught on their way to the C library, whoever makes them. They
// get a harmless answer (virtual time, zeros, no thread), and the run ends with StopReason::leak and says who
// called.
#pragma once

namespace racebed::sim::guards {

/// Makes sure that the linker takes the guards along with the kernel. Does nothing.
void link();

/// From now on nothing is caught: for a program whose own machinery looks at the clock in the middle of a run
/// (a fuzzer's alarm).
void stand_down();

/// True when the environment asked for a shaken twin (RACEBED_SHAKE): strings then hash otherwise than in a
/// plain process and new memory holds another pattern, so that a run that depends on either comes out
/// different.
bool shaken();

}  // namespace racebed::sim::guards

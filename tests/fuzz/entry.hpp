// What a fuzzer's program does once, before the first input.
#pragma once

namespace racebed::fuzz {

/// A broken assertion aborts, so that the fuzzer keeps the input; the fuzzer's own clock, by which it tells
/// that an input hangs, is the machine's in the middle of a run too.
void prepare();

}  // namespace racebed::fuzz

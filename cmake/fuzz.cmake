# libFuzzer programs, one for each target of tests/fuzz/targets.hpp: bin/fuzz_http and the like, built on request
# (target `fuzzers`) where the preset instruments for them. They take models, sim and runtime; that of scenarios takes
# all floors.
function(racebed_fuzzers)
  if(NOT RACEBED_SANITIZE MATCHES "fuzzer-no-link")
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  add_library(racebed_fuzz STATIC ${sources})
  racebed_target(racebed_fuzz)
  racebed_visible(racebed_fuzz tests runtime sim live core models faults experiments)
  add_custom_target(fuzzers)
  foreach(target http patch selector schema scenario)
    set(entry ${CMAKE_BINARY_DIR}/fuzz_${target}.cpp)
    file(CONFIGURE OUTPUT ${entry} CONTENT [[
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entry.hpp"
#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  racebed::fuzz::prepare();
  return 0;
}
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  racebed::fuzz::@target@({reinterpret_cast<const char*>(data), size});
  return 0;
}
]] @ONLY)
    add_executable(fuzz_${target} ${entry})
    target_link_libraries(fuzz_${target} PRIVATE racebed_options)
    racebed_visible(fuzz_${target} tests)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${target} PRIVATE racebed_fuzz racebed_models racebed_sim racebed_runtime)
    if(target STREQUAL "scenario")
      target_link_libraries(fuzz_${target} PRIVATE racebed_experiments racebed_faults racebed_core racebed_live)
    endif()
    set_target_properties(fuzz_${target} PROPERTIES ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    add_dependencies(fuzzers fuzz_${target})
  endforeach()
endfunction()

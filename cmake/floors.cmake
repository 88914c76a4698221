# One static library for each folder ("floor"), and for each an include directory made of symbolic links
# to just the folders that it may see. A wrong include therefore fails to compile; no script has to look for it.

set(RACEBED_LINK_core spdlog::spdlog yaml-cpp)
set(RACEBED_LINK_models ZLIB::ZLIB re2::re2)
set(RACEBED_LINK_evidence SQLiteCpp)
set(RACEBED_LINK_plots racebed_gnuplot)

# Precompiled third-party headers, shared by every target: they change with Debian, not with us. Tests have a set
# of their own, with Catch2 and RapidCheck in it.
set(RACEBED_PRECOMPILED
  <algorithm> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector>
  <boost/asio/any_completion_handler.hpp> <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp>
  <boost/asio/buffer.hpp> <boost/asio/co_spawn.hpp> <boost/asio/use_awaitable.hpp>
  <boost/system/result.hpp> <fmt/format.h> <nlohmann/json.hpp>)
if(NOT EXISTS ${CMAKE_BINARY_DIR}/pch/empty.cpp)
  file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cpp "")
endif()
add_library(racebed_pch STATIC ${CMAKE_BINARY_DIR}/pch/empty.cpp)
target_link_libraries(racebed_pch PRIVATE racebed_options)
target_precompile_headers(racebed_pch PRIVATE ${RACEBED_PRECOMPILED})

# Instantiates most of Asio, needs nothing precompiled, and can so be compiled while that is being made.
set_source_files_properties(${CMAKE_SOURCE_DIR}/runtime/asio.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)

function(racebed_visible target)
  set(dir ${CMAKE_BINARY_DIR}/inc/${target})
  file(REMOVE_RECURSE ${dir})
  file(MAKE_DIRECTORY ${dir})
  foreach(folder ${ARGN})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${dir}/${folder} SYMBOLIC)
  endforeach()
  target_include_directories(${target} PRIVATE ${dir})
  target_compile_options(${target} PRIVATE -ffile-prefix-map=${dir}/=)
endfunction()

function(racebed_target target)
  target_link_libraries(${target} PRIVATE racebed_options)
  target_precompile_headers(${target} REUSE_FROM racebed_pch)
endfunction()

# Tests spend their time in the floors, which are optimised in full: for themselves -O1 compiles faster. At -O1 gcc 12
# falsely warns of std::string's concatenation.
function(racebed_test_target target)
  target_link_libraries(${target} PRIVATE racebed_options Catch2::Catch2 rapidcheck)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(NOT target STREQUAL "racebed_test_pch")
    target_precompile_headers(${target} REUSE_FROM racebed_test_pch)
  endif()
endfunction()

function(racebed_floor folder)
  cmake_parse_arguments(ARG "" "" "SEES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  add_library(racebed_${folder} STATIC ${sources} ${CMAKE_BINARY_DIR}/pch/empty.cpp)
  racebed_target(racebed_${folder})
  racebed_visible(racebed_${folder} ${folder} ${ARG_SEES})
  target_link_libraries(racebed_${folder} PRIVATE ${RACEBED_LINK_${folder}})
  foreach(below ${ARG_SEES})
    target_link_libraries(racebed_${folder} PRIVATE racebed_${below})
  endforeach()
endfunction()

function(racebed_program name)
  cmake_parse_arguments(ARG "" "FROM" "SEES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_FROM}/*.cpp)
  add_executable(${name} ${sources})
  racebed_target(${name})
  racebed_visible(${name} ${ARG_FROM} ${ARG_SEES})
  foreach(below ${ARG_SEES})
    target_link_libraries(${name} PRIVATE racebed_${below})
  endforeach()
  target_link_libraries(${name} PRIVATE Boost::program_options)
  # Function names in the report of a leak, and our clock and randomness seen by libcrypto.
  set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# One test program for each top folder of tests/, named after it: `tests/sim/**.cpp` is bin/test_sim.
function(racebed_tests)
  find_package(Catch2 2.13 REQUIRED)
  find_package(rapidcheck REQUIRED)
  include(Catch)
  add_library(racebed_test_pch STATIC ${CMAKE_BINARY_DIR}/pch/empty.cpp)
  racebed_test_target(racebed_test_pch)
  target_precompile_headers(racebed_test_pch PRIVATE ${RACEBED_PRECOMPILED} <catch2/catch.hpp> <rapidcheck.h>)

  # Catch2's own code, once for all programs; nobody waits for it at run time.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/support/main.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS -O0)
  file(GLOB_RECURSE support CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.cpp)
  add_library(racebed_test_support STATIC ${support} ${CMAKE_BINARY_DIR}/pch/empty.cpp)
  racebed_test_target(racebed_test_support)
  racebed_visible(racebed_test_support tests runtime sim live core models faults experiments)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/tests/*)
  set(programs "")
  foreach(dir ${folders})
    get_filename_component(name ${dir} NAME)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/program_main\\.cpp$")  # of programs that the test starts
    if(NOT IS_DIRECTORY ${dir} OR name STREQUAL "support" OR NOT sources)
      continue()
    endif()
    add_executable(test_${name} ${sources})
    racebed_test_target(test_${name})
    racebed_visible(test_${name} tests cli runtime sim live core models faults experiments evidence plots sweep)
    target_link_libraries(test_${name} PRIVATE racebed_test_support racebed_sweep racebed_plots racebed_evidence
      racebed_experiments racebed_faults
      racebed_models racebed_core racebed_live racebed_sim racebed_runtime spdlog::spdlog prometheus-cpp::core)
    target_compile_definitions(test_${name} PRIVATE RACEBED_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
      RACEBED_BINARY_DIR="${CMAKE_BINARY_DIR}")
    set_target_properties(test_${name} PROPERTIES ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    string(APPEND programs "${name}\n")
    if(name MATCHES "^(architecture|cli|parity|e2e)$")
      # They look at the archives and run the program.
      add_dependencies(test_${name} racebed)
    endif()
  endforeach()
  file(WRITE ${CMAKE_BINARY_DIR}/tests.txt "${programs}")  # for scripts/test
endfunction()

# Google Benchmark programs, built on request (target `benchmarks`), never run as tests.
function(racebed_bench)
  find_package(benchmark QUIET)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.cpp)
  if(NOT benchmark_FOUND OR NOT sources)
    return()
  endif()
  add_executable(benchmarks EXCLUDE_FROM_ALL ${sources})
  racebed_target(benchmarks)
  racebed_visible(benchmarks runtime sim live core models faults experiments)
  target_link_libraries(benchmarks PRIVATE racebed_experiments racebed_faults racebed_models racebed_core
    racebed_live racebed_sim racebed_runtime benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(benchmarks PROPERTIES ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# One small program for each mutant of tests/mutation/mutants.json, bin/mutants/ID: the program of tests/mutation with
# a mutated copy of one source of core/ linked before the ordinary archives. The copy defines every symbol of the
# source's object, so that the archive's own is never looked for; were it pulled in all the same, the linker would
# refuse the second definition of each. bin/mutants/none is the twin: the same program, core/ as it is.
function(racebed_mutants)
  set(table ${CMAKE_SOURCE_DIR}/tests/mutation/mutants.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(READ ${table} text)
  add_library(racebed_mutation_program OBJECT ${CMAKE_SOURCE_DIR}/tests/mutation/program_main.cpp)
  racebed_test_target(racebed_mutation_program)
  racebed_visible(racebed_mutation_program tests runtime sim live core models faults experiments)

  racebed_mutant(none "")
  string(JSON count LENGTH "${text}" mutants)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    string(JSON id GET "${text}" mutants ${i} id)
    string(JSON source GET "${text}" mutants ${i} source)
    if(NOT source MATCHES "^core/.*\\.cpp$" OR NOT EXISTS ${CMAKE_SOURCE_DIR}/${source})
      message(FATAL_ERROR "${table}: mutants[${i}].source: found \"${source}\", expected a source file of core/")
    endif()
    racebed_mutant(${id} ${source})
  endforeach()
endfunction()

function(racebed_mutant id source)
  set(target mutant_${id})
  add_executable(${target} EXCLUDE_FROM_ALL $<TARGET_OBJECTS:racebed_mutation_program>)
  if(source)
    # In a folder of its own, under the source's name.
    set(copy ${CMAKE_BINARY_DIR}/mutants/${id}/${source})
    set(script ${CMAKE_SOURCE_DIR}/cmake/mutate.cmake)
    set(table ${CMAKE_SOURCE_DIR}/tests/mutation/mutants.json)
    add_custom_command(OUTPUT ${copy}
      COMMAND ${CMAKE_COMMAND} -DTABLE=${table} -DID=${id} -DROOT=${CMAKE_SOURCE_DIR} -DOUTPUT=${copy} -P ${script}
      DEPENDS ${table} ${script} ${CMAKE_SOURCE_DIR}/${source}
      COMMENT "Mutating ${source}: ${id}" VERBATIM)
    target_sources(${target} PRIVATE ${copy})
  endif()
  racebed_test_target(${target})
  racebed_visible(${target} runtime core)
  # What a deleted guard leaves unused is no mistake here.
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PRIVATE racebed_experiments racebed_faults racebed_models racebed_core
    racebed_live racebed_sim racebed_runtime spdlog::spdlog yaml-cpp)
  # Many programs: without the debug information that each archive brings along.
  target_link_options(${target} PRIVATE -Wl,-s)
  set_target_properties(${target} PROPERTIES ENABLE_EXPORTS ON OUTPUT_NAME ${id}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/mutants)
  add_dependencies(test_mutation ${target})
endfunction()

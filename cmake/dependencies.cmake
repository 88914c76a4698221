# Third-party libraries, all from Debian 12 main (scripts/setup.sh installs them by name).
# CMake 3.25 is older than Boost 1.81 and warns that it does not know its components' dependencies; ours has none.
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS program_options iostreams filesystem)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Threads REQUIRED)
find_package(SQLiteCpp REQUIRED)
# Debian's RE2 comes without a CMake package.
find_path(RACEBED_RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RACEBED_RE2_LIBRARY re2 REQUIRED)
if(NOT TARGET re2::re2)
  add_library(re2::re2 UNKNOWN IMPORTED)
  set_target_properties(re2::re2 PROPERTIES
    IMPORTED_LOCATION ${RACEBED_RE2_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${RACEBED_RE2_INCLUDE})
endif()
# One header, which scripts/setup.sh unpacks: its package asks for another Boost. Its code is not ours to warn about.
find_path(RACEBED_GNUPLOT_INCLUDE gnuplot-iostream.h HINTS ${CMAKE_SOURCE_DIR}/build/debian/usr/include REQUIRED)
add_library(racebed_gnuplot INTERFACE)
target_include_directories(racebed_gnuplot SYSTEM INTERFACE ${RACEBED_GNUPLOT_INCLUDE})
target_link_libraries(racebed_gnuplot INTERFACE Boost::iostreams Boost::filesystem)

find_program(RACEBED_CCACHE ccache)
if(RACEBED_CCACHE)
  # The sloppiness is what ccache needs to work beside precompiled headers. With the base directory and the paths
  # mapped below, two work trees share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${RACEBED_CCACHE})
endif()

# Everything that each translation unit of ours is compiled with.
add_library(racebed_options INTERFACE)
target_compile_options(racebed_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Werror -fno-omit-frame-pointer)
# No path of this machine in what we build: assertions name files as the sources do.
target_compile_options(racebed_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # A precompiled header without its time stamp, so that ccache can hand it out.
  # The warning that is off is gcc's to give: out of a precompiled header, clang gives it for std::stable_sort's inside.
  target_compile_options(racebed_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp" -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -fpch-preprocess: ccache cannot cache a precompiled header without it. The warning that is off is false, in
  # optimised builds, about the frames of coroutines: Asio's operator new and delete do match.
  target_compile_options(racebed_options INTERFACE -fpch-preprocess -Wno-mismatched-new-delete)
endif()
target_compile_definitions(racebed_options INTERFACE
  # Asio and its ssl part are compiled once, in runtime/asio.cpp.
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  RACEBED_VERSION="${PROJECT_VERSION}")
target_link_libraries(racebed_options INTERFACE
  Boost::headers OpenSSL::SSL OpenSSL::Crypto nlohmann_json::nlohmann_json fmt::fmt Threads::Threads)

set(RACEBED_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
if(RACEBED_SANITIZE)
  target_compile_options(racebed_options INTERFACE -fsanitize=${RACEBED_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(racebed_options INTERFACE -fsanitize=${RACEBED_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses this warning (gcc's manual says so); std::regex in Catch2 trips it.
    target_compile_options(racebed_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

// One way to take a command line apart, with one way to say what is wrong with it.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace racebed::cli {

/// Stores the values of `named` (no guessing of shortened names). Throws experiments::InputError.
boost::program_options::variables_map parse_arguments(
    const std::vector<std::string>& arguments, const boost::program_options::options_description& named,
    const boost::program_options::positional_options_description& positional = {});

}  // namespace racebed::cli

// One way to take a command line apart, with one way to say what is wrong with it.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/scenario/load.hpp"
#include "sweep/plan.hpp"

namespace racebed::cli {

/// Stores the values of `named` (no guessing of shortened names). Throws experiments::InputError.
boost::program_options::variables_map parse_arguments(
    const std::vector<std::string>& arguments, const boost::program_options::options_description& named,
    const boost::program_options::positional_options_description& positional = {});

/// A whole number from 0 on. `option`: whose value it is, for the refusal.
std::uint64_t parse_seed(std::string_view text, std::string_view option);
/// "A:B".
sweep::Seeds parse_range(const std::string& text);
/// "path=value". `option`: whose value it is, for the refusal.
experiments::Setting parse_setting(const std::string& text, std::string_view option);

}  // namespace racebed::cli

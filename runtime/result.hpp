// Expected failures are values. `Result<T, E>` holds a T or an E; E is a closed enum class with context.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace racebed {

using ErrorCode = boost::system::error_code;

/// A T, or why there is none. Test it like a bool; `*r` is the value, `r.error()` the failure.
template <class T, class E = ErrorCode>
using Result = boost::system::result<T, E>;

}  // namespace racebed

// Text as XML and HTML hold it.
#pragma once

#include <string>

namespace racebed::evidence {

/// With &, <, > and " written so that they are text, in an element and in a quoted attribute alike.
std::string xml_escaped(const std::string& text);

}  // namespace racebed::evidence

#include "runtime/time.hpp"

#include <catch2/catch.hpp>

using namespace racebed;
using namespace std::chrono_literals;

TEST_CASE("RFC 3339 text reads back as the time that was printed, to the second") {
  struct Row {
    const char* text;
    Duration since_epoch;
  };
  for (const Row& row : {Row{"1970-01-01T00:00:00Z", 0s}, Row{"2025-11-29T00:00:00Z", 1764374400s},
                         Row{"2024-02-29T23:59:59Z", 1709251199s}, Row{"1969-12-31T23:59:59Z", -1s}}) {
    CAPTURE(row.text);
    CHECK(to_rfc3339(Time{row.since_epoch}) == row.text);
    REQUIRE(parse_rfc3339(row.text).has_value());
    CHECK(parse_rfc3339(row.text)->time_since_epoch() == row.since_epoch);
  }
}

TEST_CASE("a MicroTime has exactly six fractional digits, rounded down") {
  CHECK(to_rfc3339_micro(Time{1764374400s + 1us + 999ns}) == "2025-11-29T00:00:00.000001Z");
  CHECK(parse_rfc3339("2025-11-29T00:00:00.000001Z") == Time{1764374400s + 1us});
}

TEST_CASE("offsets and fractions are read, other text is not") {
  CHECK(parse_rfc3339("2025-11-29T01:30:00.5+01:30") == Time{1764374400s + 500ms});
  for (const char* bad :
       {"", "2025-11-29", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-11-29T24:00:00Z",
        "2025-11-29T00:00:00", "2025-11-29T00:00:00.Z", "2025-11-29T00:00:00Zx"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad).has_value());
  }
}

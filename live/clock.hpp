// The system's clocks behind runtime/'s Clock. Private to live/.
#pragma once

#include <boost/asio/io_context.hpp>

#include "runtime/time.hpp"

namespace racebed::live {

class SystemClock final : public Clock {
 public:
  explicit SystemClock(asio::io_context& context) : context_(context) {}
  Time now() const override;
  Instant steady_now() const override;
  void async_wait_until(Instant until, WaitHandler handler) override;

 private:
  asio::io_context& context_;
};

}  // namespace racebed::live

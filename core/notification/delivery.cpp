#include "core/notification/delivery.hpp"

namespace racebed::notification {

asio::awaitable<ProbeAnswer> Channel::probe(ProbeKey) {
  co_return ProbeAnswer{ProbeAnswer::What::failed, "this channel cannot be asked"};
}

}  // namespace racebed::notification

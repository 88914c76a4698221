// What Slack's answer, or its absence, means for a delivery: one table, no searching of text.
#pragma once

#include "core/net/https_client.hpp"
#include "core/notification/delivery.hpp"

namespace racebed::notification {

/// Incoming webhook: the status decides.
DeliveryResult webhook_result(const net::HttpAnswer& answer);
/// chat.postMessage: 200 may still say no (`"ok": false`).
DeliveryResult web_api_result(const net::HttpAnswer& answer);
DeliveryResult failure_result(const net::HttpFailure& failure);

/// What a result says of the endpoint.
enum class Health { well, sick, nothing };
Health health_of(const DeliveryResult& result);

}  // namespace racebed::notification

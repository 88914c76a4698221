#include "models/sinks/text_sink.hpp"

#include <utility>

#include "models/sinks/token.hpp"

namespace racebed::models {

TextSink::TextSink(Ledger& ledger, std::string channel, std::function<Actor()> writer, SinkPolicy policy)
    : ledger_(ledger), channel_(std::move(channel)), writer_(std::move(writer)), policy_(std::move(policy)) {}

ErrorCode TextSink::write(std::string_view text) {
  if (policy_) {
    const ErrorCode error = policy_(channel_);
    if (error) return error;
  }
  Delivered delivered;
  delivered.channel = channel_;
  delivered.token = token_in(text);
  delivered.message = channel_ + "-" + std::to_string(++written_);
  delivered.content = std::make_shared<const std::string>(text);
  ledger_.record(writer_(), std::move(delivered));
  return {};
}

}  // namespace racebed::models

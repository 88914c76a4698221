#include "models/apiserver/version_watch.hpp"

#include <boost/asio/awaitable.hpp>

namespace racebed::models {
namespace {

class VersionWatch final : public ApiWatch {
 public:
  VersionWatch(std::unique_ptr<ApiWatch> watch, const ResourceType& type)
      : watch_(std::move(watch)), type_(type) {}

  asio::awaitable<std::optional<WatchEvent>> next() override {
    auto event = co_await watch_->next();
    if (event && event->type != WatchEventType::error) event->object = type_.shown(event->object);
    co_return std::move(event);
  }
  bool broke() const override { return watch_->broke(); }
  void end() override { watch_->end(); }

 private:
  std::unique_ptr<ApiWatch> watch_;
  const ResourceType& type_;
};

}  // namespace

std::unique_ptr<ApiWatch> watch_in_version(std::unique_ptr<ApiWatch> watch, const ResourceType& type) {
  return std::make_unique<VersionWatch>(std::move(watch), type);
}

}  // namespace racebed::models

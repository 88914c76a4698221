#include "experiments/subjects/subject.hpp"

#include "experiments/subjects/notification.hpp"
#include "experiments/subjects/notification_2025_11.hpp"
#include "experiments/subjects/notification_2026_08.hpp"

namespace racebed::experiments {

const std::vector<const Subject*>& subjects() {
  static const std::vector<const Subject*> all = {&notification(), &notification_2025_11(),
                                                  &notification_2026_08()};
  return all;
}

const Subject* find_subject(std::string_view name) {
  for (const Subject* subject : subjects()) {
    if (subject->name() == name) return subject;
  }
  return nullptr;
}

}  // namespace racebed::experiments

#include "core/kube/object.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/kube/api_error.hpp"
#include "core/kube/resource.hpp"

namespace racebed::kube {
namespace {

using namespace std::chrono_literals;
using Code = ApiError::Code;
using Outcome = ApiError::Outcome;

Object sample() {
  return Object::make(Json::parse(R"({"apiVersion": "g/v1", "kind": "K", "metadata": {
    "name": "n", "namespace": "ns", "uid": "u", "resourceVersion": "7", "generation": 3,
    "creationTimestamp": "2025-11-29T00:00:00Z", "labels": {"a": "1"}, "managedFields": []},
    "spec": {"x": 1}, "status": {"old": true}})"));
}

}  // namespace

TEST_CASE("accessors show what the metadata says, and empty values where it says nothing") {
  const Object object = sample();
  CHECK(object.api_version() == "g/v1");
  CHECK(object.kind() == "K");
  CHECK(object.key() == ObjectKey{"ns", "n"});
  CHECK(object.uid() == "u");
  CHECK(object.resource_version() == "7");
  CHECK(object.generation() == 3);
  CHECK(object.creation_timestamp() == Time{1764374400s});
  CHECK_FALSE(object.is_deleting());
  CHECK(object.label("a") == "1");
  CHECK_FALSE(object.label("b").has_value());
  CHECK_FALSE(object.annotation("a").has_value());
  for (const char* text :
       {"{}", "[]", R"({"metadata": 1})", R"({"metadata": {"name": 5, "generation": "x"}})"}) {
    INFO(text);
    const Object odd = Object::make(Json::parse(text));
    CHECK(odd.key() == ObjectKey{});
    CHECK(odd.generation() == 0);
    CHECK_FALSE(odd.is_deleting());
    CHECK_FALSE(odd.label("a").has_value());
  }
  const Object nothing;
  CHECK_FALSE(nothing);
  CHECK(nothing.name().empty());
  CHECK(nothing.find("spec") == nullptr);
}

TEST_CASE("a changed copy leaves the original as it was") {
  const Object object = sample();
  const Object changed = object.with_status({{"new", 1}});
  CHECK((*changed.find("status")) == Json{{"new", 1}});
  CHECK((*changed.find("spec")) == Json{{"x", 1}});
  CHECK((*object.find("status")) == Json{{"old", true}});
}

TEST_CASE("a status write carries the identity and the version it was decided on, and no spec") {
  const Object write = sample().status_write({{"new", 1}});
  CHECK(write.json() == Json::parse(R"({"apiVersion": "g/v1", "kind": "K", "metadata":
    {"name": "n", "namespace": "ns", "uid": "u", "resourceVersion": "7"}, "status": {"new": 1}})"));
}

TEST_CASE("targets follow the API's paths") {
  const Resource widgets{"example.com", "v1", "widgets", "Widget", true};
  CHECK(widgets.collection("") == "/apis/example.com/v1/widgets");
  CHECK(widgets.collection("a") == "/apis/example.com/v1/namespaces/a/widgets");
  CHECK(widgets.item({"a", "w"}) == "/apis/example.com/v1/namespaces/a/widgets/w");
  CHECK(widgets.item({"a", "w"}, "status") == "/apis/example.com/v1/namespaces/a/widgets/w/status");
  CHECK(events().collection("a") == "/api/v1/namespaces/a/events");
  CHECK(widgets.item({"a", "x/../y"}) == "/apis/example.com/v1/namespaces/a/widgets/x%2F..%2Fy");
}

TEST_CASE("each answer of a server has one class, and says whether a write may have happened") {
  struct Row {
    int status;
    const char* body;  // JSON, or nothing
    Code code;
    Outcome outcome;
  };
  const Row rows[] = {
      {400, R"({"reason": "BadRequest"})", Code::bad_request, Outcome::definite},
      {401, nullptr, Code::unauthorized, Outcome::definite},
      {403, R"({"reason": "Forbidden"})", Code::forbidden, Outcome::definite},
      {404, R"({"reason": "NotFound"})", Code::not_found, Outcome::definite},
      {405, nullptr, Code::method_not_allowed, Outcome::definite},
      {409, R"({"reason": "AlreadyExists"})", Code::already_exists, Outcome::definite},
      {409, R"({"reason": "Conflict"})", Code::conflict, Outcome::definite},
      {409, nullptr, Code::conflict, Outcome::definite},
      {410, R"({"reason": "Expired"})", Code::expired, Outcome::definite},
      {413, nullptr, Code::too_large, Outcome::definite},
      {415, nullptr, Code::other_status, Outcome::definite},
      {422, R"({"reason": "Invalid"})", Code::invalid, Outcome::definite},
      {429, nullptr, Code::too_many_requests, Outcome::definite},
      {500, R"({"reason": "InternalError"})", Code::server_error, Outcome::unknown},
      {503, nullptr, Code::server_error, Outcome::unknown},
      {504, R"({"reason": "Timeout", "message": "Timeout: x"})", Code::timeout, Outcome::unknown},
      {504, R"({"message": "Timeout: Too large resource version: 9, current: 3"})", Code::revision_too_large,
       Outcome::unknown},
      {504, R"({"details": {"causes": [{"reason": "ResourceVersionTooLarge"}]}})", Code::revision_too_large,
       Outcome::unknown},
  };
  for (const Row& row : rows) {
    INFO(row.status << " " << (row.body != nullptr ? row.body : ""));
    ApiResponse response;
    response.status = row.status;
    if (row.body != nullptr) response.body = std::make_shared<const Json>(Json::parse(row.body));
    const ApiError error = error_of(response);
    CHECK(error.code == row.code);
    CHECK(error.outcome == row.outcome);
    CHECK_FALSE(error.message.empty());
  }
  const ApiError refused = error_of(TransportError{TransportError::Outcome::not_sent, "refused"});
  CHECK(refused.code == Code::transport_not_sent);
  CHECK(refused.outcome == Outcome::definite);
  const ApiError lost = error_of(TransportError{TransportError::Outcome::unknown, "reset"});
  CHECK(lost.code == Code::transport_unknown);
  CHECK(lost.outcome == Outcome::unknown);
}

TEST_CASE("the Status of a watch's ERROR event is read as an answer would be") {
  const ApiError error = error_of_status(Json::parse(
      R"x({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (5)"})x"));
  CHECK(error.code == Code::expired);
  CHECK(error.message == "too old resource version: 1 (5)");
  const ApiError busy = error_of_status(Json::parse(R"({"code": 429, "details": {"retryAfterSeconds": 3}})"));
  CHECK(busy.retry_after == Duration{3s});
}

}  // namespace racebed::kube

#include "tests/support/conformance/case.hpp"

#include <fstream>
#include <stdexcept>

namespace racebed::tests {
namespace {

/// Replaces ${name} in every string.
Json substituted(const Json& value, const std::map<std::string, std::string>& variables) {
  if (value.is_string()) {
    std::string text = value;
    for (const auto& [name, replacement] : variables) {
      const std::string pattern = "${" + name + "}";
      for (std::size_t at = 0; (at = text.find(pattern, at)) != std::string::npos; at += replacement.size()) {
        text.replace(at, pattern.size(), replacement);
      }
    }
    return text;
  }
  Json out = value;
  for (auto& member : out) {
    if (out.is_structured()) member = substituted(member, variables);
  }
  return out;
}

}  // namespace

Json json_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + ": cannot be read");
  return Json::parse(in);
}

CaseRun::CaseRun(Json test_case, std::string ns)
    : case_(std::move(test_case)), variables_{{"ns", ns}}, normal_(std::move(ns)) {}

std::optional<CaseRequest> CaseRun::next() {
  const std::size_t number = asked_++;
  if (number == 0) {
    return CaseRequest{
        .method = "POST",
        .path = "/api/v1/namespaces",
        .headers = {{"content-type", "application/json"}},
        .body = Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", variables_["ns"]}}}}
                    .dump()};
  }
  if (number > case_["steps"].size()) return std::nullopt;
  const Json& step = case_["steps"][number - 1];
  CaseRequest request{.method = step["method"], .path = substituted(step["path"], variables_)};
  request.watch = request.method == "WATCH";
  if (request.watch) request.method = "GET";
  request.headers["accept"] = "application/json";
  const Json headers = step.value("headers", Json::object());
  for (const auto& [name, value] : headers.items()) request.headers[name] = value;
  if (step.contains("body"))
    request.body = substituted(step["body"], variables_).dump();
  else if (step.contains("raw"))
    request.body = step["raw"];
  return request;
}

void CaseRun::answer(int status, const std::string& type, const Json& body) {
  if (asked_ == 1) return;  // the namespace
  const Json saves = case_["steps"][asked_ - 2].value("save", Json::object());
  for (const auto& [name, where] : saves.items()) {
    std::string at = where;
    if (!at.starts_with('/')) at = "/" + at;
    const Json::json_pointer pointer(at);
    if (body.contains(pointer) && body[pointer].is_string()) variables_[name] = body[pointer];
  }
  answers_.push_back({{"status", status}, {"type", type}, {"body", normal_.walk(body)}});
}

}  // namespace racebed::tests

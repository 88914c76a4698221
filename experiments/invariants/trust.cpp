#include "experiments/invariants/trust.hpp"

#include "experiments/invariants/tries.hpp"
#include "models/ca/certificate_authority.hpp"

namespace racebed::experiments {

bool is_trustworthy(std::string_view certificate, Time now) {
  if (certificate == "good" || certificate == "renewed") return true;
  if (certificate != "expires-soon") return false;
  const auto end = parse_rfc3339(std::string(models::kExpiresSoon));
  return end && now <= *end;
}

bool names_certificate_failure(std::string_view error, std::string_view certificate) {
  if (!mentions(error, {"tls", "x509", "certificate"})) return false;
  if (certificate.starts_with("expire")) return mentions(error, {"expired"});
  if (certificate == "not-yet-valid") return mentions(error, {"not yet valid", "not-yet-valid"});
  if (certificate == "wrong-host" || certificate == "wildcard-too-wide")
    return mentions(error, {"host", "name", "valid for"});
  if (certificate == "self-signed") return mentions(error, {"self-signed", "self signed", "authority"});
  if (certificate == "unknown-authority" || certificate == "missing-intermediate")
    return mentions(error, {"authority", "issuer", "self-signed", "self signed"});
  if (certificate == "revoked") return mentions(error, {"revoked"});
  if (certificate == "wrong-key-usage") return mentions(error, {"purpose", "usage"});
  if (certificate == "weak-key") return mentions(error, {"weak", "key too small", "key"});
  if (certificate == "sha1-signature") return mentions(error, {"weak", "signature", "digest", "sha"});
  return true;
}

}  // namespace racebed::experiments

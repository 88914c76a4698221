#include "models/apiserver/job_schema.hpp"

#include <initializer_list>
#include <nlohmann/json.hpp>

namespace racebed::models {
namespace {

constexpr const char* kJob = R"json({
"type": "object",
"description": "Work that is done by pods until enough of them have come to their end.",
"properties": {
  "spec": {"type": "object", "description": "What is wanted.", "properties": {
    "parallelism": {"type": "integer", "format": "int32", "description": "How many pods run at a time."},
    "completions": {"type": "integer", "format": "int32", "description": "How many pods must succeed."},
    "completionMode": {"type": "string", "default": "NonIndexed", "description": "NonIndexed, or Indexed: each pod has a number of its own, from 0, in JOB_COMPLETION_INDEX."},
    "activeDeadlineSeconds": {"type": "integer", "format": "int64", "description": "How long it may take."},
    "backoffLimit": {"type": "integer", "format": "int32", "description": "How many failures before it is given up."},
    "backoffLimitPerIndex": {"type": "integer", "format": "int32", "description": "How many failures of one index before that index is given up."},
    "maxFailedIndexes": {"type": "integer", "format": "int32", "description": "How many indexes may be given up before all is."},
    "ttlSecondsAfterFinished": {"type": "integer", "format": "int32", "description": "How long it is kept after its end."},
    "suspend": {"type": "boolean", "default": false, "description": "No pods for now."},
    "manualSelector": {"type": "boolean", "description": "The selector is the user's own."},
    "selector": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "description": "Which pods are the Job's."},
    "podFailurePolicy": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "description": "Which failures count."},
    "successPolicy": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "description": "Which indexes are enough."},
    "podReplacementPolicy": {"type": "string", "default": "TerminatingOrFailed", "description": "When a pod is replaced."},
    "managedBy": {"type": "string", "description": "Who carries it out."},
    "template": {"type": "object", "description": "The pods.", "properties": {
      "metadata": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
      "spec": {"type": "object"}}}}},
  "status": {"type": "object", "description": "How it is.", "properties": {
    "conditions": {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
    "startTime": {"type": "string"}, "completionTime": {"type": "string"},
    "active": {"type": "integer", "format": "int32"}, "ready": {"type": "integer", "format": "int32"},
    "succeeded": {"type": "integer", "format": "int32"}, "failed": {"type": "integer", "format": "int32"},
    "terminating": {"type": "integer", "format": "int32"},
    "completedIndexes": {"type": "string"}, "failedIndexes": {"type": "string"},
    "uncountedTerminatedPods": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}
}})json";

constexpr const char* kPod = R"json({
  "restartPolicy": {"type": "string", "default": "Always", "description": "Of a Job's pods OnFailure or Never."},
  "terminationGracePeriodSeconds": {"type": "integer", "format": "int64", "default": 30},
  "activeDeadlineSeconds": {"type": "integer", "format": "int64"},
  "dnsPolicy": {"type": "string", "default": "ClusterFirst"},
  "schedulerName": {"type": "string", "default": "default-scheduler"},
  "securityContext": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "default": {}},
  "nodeSelector": {"type": "object", "additionalProperties": {"type": "string"}},
  "overhead": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
  "priority": {"type": "integer", "format": "int32"},
  "volumes": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"},
    "persistentVolumeClaim": {"type": "object", "properties": {"claimName": {"type": "string"}, "readOnly": {"type": "boolean"}}}}}}
})json";

constexpr const char* kContainer = R"json({"type": "object", "properties": {
  "args": {"type": "array", "items": {"type": "string"}},
  "command": {"type": "array", "items": {"type": "string"}},
  "env": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "value": {"type": "string"},
    "valueFrom": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}},
  "resources": {"type": "object", "default": {}, "properties": {
    "limits": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
    "requests": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
    "claims": {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}},
  "terminationMessagePath": {"type": "string", "default": "/dev/termination-log"},
  "terminationMessagePolicy": {"type": "string", "default": "File"},
  "volumeMounts": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "mountPath": {"type": "string"}, "subPath": {"type": "string"},
    "subPathExpr": {"type": "string"}, "readOnly": {"type": "boolean"}, "recursiveReadOnly": {"type": "string"},
    "mountPropagation": {"type": "string"}}}}
}})json";

using Names = std::initializer_list<const char*>;

void add_all(Json& properties, Names names, const Json& schema) {
  for (const char* name : names) properties[name] = schema;
}

Json typed(const char* type) {
  return {{"type", type}};
}

Json open() {
  return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
}

Json list_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

Json container_schema() {
  Json schema = Json::parse(kContainer);
  Json& properties = schema["properties"];
  add_all(properties, {"name", "image", "workingDir", "imagePullPolicy", "restartPolicy"}, typed("string"));
  add_all(properties, {"stdin", "stdinOnce", "tty"}, typed("boolean"));
  add_all(properties, {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext"},
          open());
  add_all(properties, {"ports", "envFrom", "resizePolicy", "volumeDevices"}, list_of(open()));
  return schema;
}

Json pod_schema() {
  Json properties = Json::parse(kPod);
  add_all(properties,
          {"serviceAccountName", "serviceAccount", "nodeName", "hostname", "subdomain", "priorityClassName",
           "runtimeClassName", "preemptionPolicy"},
          typed("string"));
  add_all(properties,
          {"automountServiceAccountToken", "hostNetwork", "hostPID", "hostIPC", "hostUsers",
           "shareProcessNamespace", "enableServiceLinks", "setHostnameAsFQDN"},
          typed("boolean"));
  add_all(properties, {"affinity", "dnsConfig", "os"}, open());
  add_all(properties,
          {"ephemeralContainers", "imagePullSecrets", "tolerations", "hostAliases", "readinessGates",
           "topologySpreadConstraints", "schedulingGates", "resourceClaims"},
          list_of(open()));
  add_all(properties, {"initContainers", "containers"}, list_of(container_schema()));
  add_all(properties["volumes"]["items"]["properties"],
          {"awsElasticBlockStore",
           "azureDisk",
           "azureFile",
           "cephfs",
           "cinder",
           "configMap",
           "csi",
           "downwardAPI",
           "emptyDir",
           "ephemeral",
           "fc",
           "flexVolume",
           "flocker",
           "gcePersistentDisk",
           "gitRepo",
           "glusterfs",
           "hostPath",
           "iscsi",
           "nfs",
           "photonPersistentDisk",
           "portworxVolume",
           "projected",
           "quobyte",
           "rbd",
           "scaleIO",
           "secret",
           "storageos",
           "vsphereVolume"},
          open());
  return {
      {"type", "object"}, {"description", "Containers, and what they share."}, {"properties", properties}};
}

}  // namespace

Json job_schema() {
  Json schema = Json::parse(kJob);
  schema["properties"]["spec"]["properties"]["template"]["properties"]["spec"] = pod_schema();
  return schema;
}

}  // namespace racebed::models

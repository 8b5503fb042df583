#!/usr/bin/env bash
# Deletes all canaries, before who could let them go is removed: manifests/remove-canaries.sh [kubectl and its flags]
#
# With a controller that is ready each target has its pods and its traffic back when its canary goes. A canary that does not go
# in time, or any without a controller, loses its finalizer: its primary stays and serves, as its target's.
set -eu -o pipefail

kubectl=("${@:-kubectl}")
# A little more than the deadline that a canary has where it names none.
timeout=${UNDEPLOY_TIMEOUT:-11m}

"${kubectl[@]}" get crd canaries.flagger.app -o name --ignore-not-found | grep -q . || exit 0

controllers='{range .items[*]}{.status.readyReplicas}{"\n"}{end}'
ready=$("${kubectl[@]}" get deployments --all-namespaces -l app.kubernetes.io/name=canary-controller -o jsonpath="$controllers")
if [[ ! $ready =~ [1-9] ]]; then
  echo 'No controller is ready, which would give the targets of canaries back.' >&2
  timeout=1s
fi
"${kubectl[@]}" delete canaries.flagger.app --all --all-namespaces "--timeout=$timeout" || true

names='{range .items[*]}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}'
"${kubectl[@]}" get canaries.flagger.app --all-namespaces -o jsonpath="$names" | while read -r namespace name; do
  "${kubectl[@]}" -n "$namespace" patch canary "$name" --type=merge -p '{"metadata":{"finalizers":null}}' >&2 </dev/null || continue
  echo "$namespace/$name is let go as it is: its primary goes on serving, and its target may have no pods." >&2
done

/** What `--with` adds to a sandbox: a folder of `manifests/` each. */
export const OPTIONAL_ADDONS: readonly string[] = ['istio', 'network-policies'];

/** Which cluster the tests run against, as `make test-e2e` says. */
const current = process.env['KUBECTL_CANARY_CLUSTER'] === 'current';

/** For tests that need what only the sandbox has; as `{ skip: sandboxOnly('...') }`. */
export function sandboxOnly(why: string): string | false {
  return current ? `not on the current cluster: ${why}` : false;
}

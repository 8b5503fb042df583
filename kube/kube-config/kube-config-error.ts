/** What is wrong with a kubeconfig or the credentials that it names; the message says what to do, and holds no secret. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

import { KubeError } from './errors.ts';

/** Whether an API server has answered that a `test` of a JSON patch did not hold; nothing of the patch is done then. */
export function isFailedTest(error: unknown): error is KubeError {
  if (!(error instanceof KubeError) || error.status !== 422) return false;
  const words = error.message.toLowerCase();
  const testing = words.indexOf('testing');
  return words.includes('test failed') || (testing !== -1 && words.includes('path', testing));
}

/** Whether an API server's answer 422 says that a `test` of a JSON patch did not hold; nothing of the patch is done then. */
export function isFailedTest(message: string): boolean {
  const words = message.toLowerCase();
  const testing = words.indexOf('testing');
  return words.includes('test failed') || (testing !== -1 && words.includes('path', testing));
}

/** What is wrong with a template, or with what it is used on; in the words of k8s.io/client-go/util/jsonpath, which people look up. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

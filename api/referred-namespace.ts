/** Namespace of an object that another one names; as with Flagger an empty text is the namespace of who names it. */
export function referredNamespace({ namespace = '' }: { readonly namespace?: string }, own: string): string {
  return namespace === '' ? own : namespace;
}

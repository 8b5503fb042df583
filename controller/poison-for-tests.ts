import type { Canary } from '../api/generated/canary.ts';
import type { Reconcile } from '../kube/controller.ts';
import type { KubeObject } from '../kube/object.ts';

/** Label of a canary, as the controller keeps no annotations of it: what the controller is to suffer from it, where it was started with `--poison-for-tests`. */
const POISON_LABEL = 'flagger.app/poison-for-tests';
type Poison = 'hang' | 'crash' | 'leak' | 'oom' | 'stuck' | '';
const LEAK_BYTES = 4 * 2 ** 20;
const LEAK_EVERY_MS = 50;

/**
 * A reconcile that hangs, crashes, leaks or never ends on canaries with a label that says so: how the guard is tried in a
 * cluster. Never part of a controller without its switch.
 */
export function poisoned(
  reconcile: Reconcile,
  canaryOf: (key: string) => (Canary & KubeObject) | undefined,
): Reconcile {
  const leaked: Buffer[] = [];
  return async (key, context) => {
    const metadata = canaryOf(key)?.metadata as { readonly labels?: Readonly<Record<string, string>> } | undefined;
    switch ((metadata?.labels?.[POISON_LABEL] ?? '') as Poison) {
      case 'hang':
        for (;;);
      case 'crash':
        setImmediate(() => {
          throw new Error(`poison of ${key}`);
        });
        break;
      case 'leak':
        for (;;) {
          leaked.push(Buffer.alloc(LEAK_BYTES, 1));
          await new Promise((resolve) => setTimeout(resolve, LEAK_EVERY_MS));
        }
      case 'oom': {
        const heap: object[] = [];
        for (;;) heap.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
      }
      case 'stuck':
        await new Promise(() => undefined);
        break;
      case '':
        break;
    }
    return reconcile(key, context);
  };
}

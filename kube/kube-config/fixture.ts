import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import { KubeConfigError } from './kube-config-error.ts';

/** For tests: a folder of their own on the real disk. */
export interface Scratch {
  /** A path in it. */
  path(name: string): string;
  /** Writes a file and the folders above it; its path. What is not a text is written as JSON, which YAML can read. */
  write(name: string, content: string | object): Promise<string>;
}

/** What the one context of a test's kubeconfig leads to. */
export interface KubeConfigParts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
}

/** Made before the tests of a suite and removed after them; call it inside `describe`. */
export function scratchFolder(): Scratch {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-kube-config-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    async write(name, content) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), typeof content === 'string' ? content : JSON.stringify(content));
      return path(name);
    },
  };
}

/** A kubeconfig with the context `home` of the user `jane` in the cluster `house`. */
export function kubeConfigOf({ cluster = {}, user = {}, context = {} }: KubeConfigParts): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'home',
    contexts: [{ name: 'home', context: { cluster: 'house', user: 'jane', ...context } }],
    clusters: [{ name: 'house', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'jane', user }],
  };
}

/** What the call fails with; anything but a KubeConfigError fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof KubeConfigError, String(error));
  return error.message;
}

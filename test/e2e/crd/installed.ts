import { before } from 'node:test';
import { kubectl } from '../kubectl.ts';

const KINDS = ['alertproviders', 'canaries', 'canaryactions', 'metrictemplates'];

/** The definitions, installed before the tests of a suite as `make install` does, and served. Call it inside `describe`. */
export function definitionsInstalled(): void {
  before(async () => {
    await kubectl('apply', '-k', 'manifests/crd');
    const names = KINDS.map((plural) => `crd/${plural}.flagger.app`);
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', ...names);
  });
}

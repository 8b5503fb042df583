import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { kubectl } from './kubectl.ts';

/** A namespace for the tests of one suite, made before them and deleted after; its name. Call it inside `describe`. */
export function testNamespace(prefix: string): string {
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  before(() => kubectl('create', 'namespace', name));
  after(() => kubectl('delete', 'namespace', name, '--wait=false', '--ignore-not-found'));
  return name;
}

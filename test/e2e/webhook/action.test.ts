import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { action, canary } from '../../crd/manifest.ts';
import { sandboxOnly } from '../cluster.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleTo, webhookDeployed } from './deployed.ts';

describe('an action', { skip: sandboxOnly('it installs the webhook, and stops it') }, () => {
  const namespace = testNamespace('action');
  webhookDeployed();

  const named = (name: string, spec = {}) => ({ ...action(spec), metadata: { name, namespace } });
  const requestedBy = async (name: string) =>
    (await kubectlJson<{ spec: { requestedBy?: string } }>('-n', namespace, 'get', 'canaryaction', name)).spec
      .requestedBy;

  const as = (user: string, object: object) => tryKubectl(object, 'create', '-f', '-', `--as=${user}`);

  it('has the name of whoever asked for it, and no other can be written', async () => {
    await kubectl(
      '-n',
      namespace,
      'create',
      'role',
      'approver',
      '--verb=create,approve,promote',
      '--resource=canaryactions.flagger.app,canaries.flagger.app',
    );
    await kubectl('-n', namespace, 'create', 'rolebinding', 'approver', '--role=approver', '--user=jane');
    await apply({ ...canary(), metadata: { name: 'podinfo', namespace } });
    assert.equal((await as('jane', named('stamped'))).exitCode, 0);
    assert.equal(await requestedBy('stamped'), 'jane');
    const forged = await as('jane', named('forged', { requestedBy: 'joe' }));
    assert.match(forged.stderr, /spec\.requestedBy: leave it out, or write jane, who is asking/);
  });

  it('can be asked for with the webhook down, in nobody’s name but one’s own', async () => {
    await scaleTo(0);
    assert.match((await as('jane', named('forged', { requestedBy: 'joe' }))).stderr, /leave it out, or write jane/);
    const nameless = await as('jane', named('unstamped'));
    assert.match(nameless.stderr, /the webhook that fills in your name is away; write spec\.requestedBy: jane$/m);
    assert.equal((await as('jane', named('own', { requestedBy: 'jane' }))).exitCode, 0);
    assert.equal(await requestedBy('own'), 'jane');
  });
});

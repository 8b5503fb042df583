import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, untilPhase } from '../controller/release.ts';
import { apply, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { installedPlugin } from './installed-plugin.ts';

describe('kubectl canary get', { skip: sandboxOnly('its pods have an image that only the sandbox has') }, () => {
  const namespace = testNamespace('get');
  const plugin = installedPlugin();
  let server: Transport;
  before(async () => {
    server = await apiServer();
    const analysis = { interval: '1h', threshold: 5, stepWeight: 10, maxWeight: 50 };
    for (const name of ['podinfo', 'web']) {
      await apply(scaleDeployment(namespace, name, 1), canaryOf(namespace, { analysis }, name));
      await untilPhase(server, namespace, name, 'Initialized');
    }
  });
  after(() => server.close());
  const inNamespace = ['-n', namespace];

  it('has a line for each canary, with what kubectl get has', async () => {
    const [titles, ...lines] = (await plugin.ok('get', ...inNamespace)).trimEnd().split('\n');
    assert.match(titles ?? '', /^NAME +TARGET +STATUS +STEP +WEIGHT +CHECKS +NEXT +AGE$/);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /^podinfo +Deployment\/podinfo +Initialized +.* \d+s$/);
  });

  it('prints objects as kubectl does', async () => {
    const ours = JSON.parse(await plugin.ok('get', 'podinfo', '-o', 'json', ...inNamespace)) as object;
    assert.deepEqual(ours, await kubectlJson<object>(...inNamespace, 'get', 'canary', 'podinfo'));
    assert.equal(
      await plugin.ok('get', '-o', 'name', ...inNamespace),
      'canary.flagger.app/podinfo\ncanary.flagger.app/web\n',
    );
  });

  it('says in one line what there is not', async () => {
    const missing = await plugin.run(['get', 'nothing', ...inNamespace]);
    assert.deepEqual(missing, {
      ...{ exitCode: 1, stdout: '' },
      stderr: 'Error from server (NotFound): canaries.flagger.app "nothing" not found\n',
    });
    const none = await plugin.run(['get', '-l', 'app=none', ...inNamespace]);
    assert.deepEqual(none, { exitCode: 0, stdout: '', stderr: `No resources found in ${namespace} namespace.\n` });
  });
});

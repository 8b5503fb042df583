// Two controllers that divide the canaries by their labels. In a cluster that it shares with no other test, as those count on
// the controller of all.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { CheckLine } from '../../../plugin/check/check-line.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, QUICK_ANALYSIS, untilPhase, untilStatus } from '../controller/release.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from '../plugin/installed-plugin.ts';
import { rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';

const SYSTEM = 'kubectl-canary';
const SHARDS = ['canary-controller-blue', 'canary-controller-rest'];
const inSystem = (...args: readonly string[]) => kubectl('-n', SYSTEM, ...args);

interface ToldEvent {
  readonly regarding: { readonly kind: string; readonly name: string };
  /** The pod that told it. */
  readonly reportingInstance?: string;
}

describe('manifests/two-shards', { skip: sandboxOnly('it takes the controller of the whole cluster away') }, () => {
  const namespace = testNamespace('shards');
  const plugin = installedPlugin();
  let server: Transport;
  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    // So that no canary has two for a while.
    const [, commands = ''] = /^ *```sh\n(.*?)^ *```$/ms.exec(await readFile('docs/scaling.md', 'utf8')) ?? [];
    assert.match(commands, /manifests\/two-shards/);
    await execa('sh', ['-e', '-c', commands], { env: { PATH: plugin.path() }, timeout: 240_000 });
    for (const shard of SHARDS) await rolledOut(SYSTEM, shard);
    server = await apiServer();
  });
  after(async () => {
    server.close();
    await inSystem('delete', 'deployment,poddisruptionbudget', ...SHARDS);
  });

  const blue = canaryOf(namespace, { analysis: QUICK_ANALYSIS }, 'blue') as Canary;
  const labelled = { ...blue, metadata: { ...blue.metadata, labels: { shard: 'blue' } } };
  const plain = canaryOf(namespace, { analysis: QUICK_ANALYSIS }, 'plain');

  /** Which Deployments' pods have told of a canary, in order of the names. */
  async function toldBy(canary: string): Promise<readonly string[]> {
    const { items } = await kubectlJson<{ items: ToldEvent[] }>('-n', namespace, 'get', 'events.v1.events.k8s.io');
    const pods = items
      .filter(({ regarding }) => regarding.kind === 'Canary' && regarding.name === canary)
      .map(({ reportingInstance = '' }) => reportingInstance.split('-').slice(0, -2).join('-'));
    return [...new Set(pods)].toSorted();
  }

  const shardLines = async () => {
    const { stdout } = await plugin.run(['check', '-n', namespace, '-o', 'json']);
    const { checks } = JSON.parse(stdout) as { checks: readonly CheckLine[] };
    return checks.filter(({ name }) => /^(shards|leader|controller( |’))/.test(name));
  };

  it('gives each canary to the controller that its labels name, and to no other', async () => {
    await apply(scaleDeployment(namespace, 'blue', 1), scaleDeployment(namespace, 'plain', 1), labelled, plain);
    for (const name of ['blue', 'plain']) {
      await untilPhase(server, namespace, name, 'Initialized');
      await kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, 'nothing=scale.test/second');
    }
    for (const name of ['blue', 'plain']) await untilPhase(server, namespace, name, 'Succeeded', 'Failed');
    assert.deepEqual(await toldBy('blue'), ['canary-controller-blue']);
    assert.deepEqual(await toldBy('plain'), ['canary-controller-rest']);
    const lines = Object.fromEntries((await shardLines()).map(({ name, verdict }) => [name, verdict]));
    const wanted = SHARDS.flatMap((shard) => [
      `controller ${shard}`,
      `controller’s rights of ${shard}`,
      `leader of ${shard}`,
    ]);
    assert.deepEqual(lines, Object.fromEntries([...wanted, 'shards'].map((name) => [name, 'ok'])));
  });

  it('gives a canary with another label to the other controller, which goes on with it', async () => {
    await kubectl('-n', namespace, 'label', 'canary', 'blue', 'shard-');
    await kubectl('-n', namespace, 'set', 'image', 'deployment/blue', 'nothing=scale.test/third');
    const isOver = ({ history = [] }: CanaryStatus) => history.length === 2;
    const { history = [] } = await untilStatus(server, namespace, 'blue', isOver, 'released twice');
    assert.deepEqual(
      history.map(({ result }) => result),
      ['Succeeded', 'Succeeded'],
    );
    assert.deepEqual(await toldBy('blue'), SHARDS);
  });

  it('is told by kubectl canary check where a canary has two controllers', async () => {
    const args = ['patch', 'deployment', 'canary-controller-rest', '--type=json', '-p'];
    const container = 'jsonpath={.spec.template.spec.containers[0].args}';
    const words = JSON.parse(
      await inSystem('get', 'deployment', 'canary-controller-rest', '-o', container),
    ) as string[];
    const at = words.indexOf('--canary-selector=shard!=blue');
    const patch = [
      { op: 'test', path: `/spec/template/spec/containers/0/args/${at}`, value: '--canary-selector=shard!=blue' },
    ];
    await inSystem(
      ...args,
      JSON.stringify([...patch, { ...patch[0], op: 'replace', value: '--canary-selector=!green' }]),
    );
    await kubectl('-n', namespace, 'label', 'canary', 'blue', 'shard=blue', 'green=');
    assert.equal((await shardLines()).find(({ name }) => name === 'shards')?.verdict, 'ok');
    await kubectl('-n', namespace, 'label', 'canary', 'blue', 'green-');
    await kubectl('-n', namespace, 'label', 'canary', 'plain', 'green=');
    assert.deepEqual(
      (await shardLines()).filter(({ name }) => name === 'shards').map(({ text }) => text),
      [
        `no controller releases ${namespace}/plain`,
        `more than one controller, ${SHARDS.join(' and ')}, releases ${namespace}/blue`,
      ],
    );
  });
});

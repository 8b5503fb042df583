// What others write cannot command the terminal of who looks.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { canary } from '../../crd/manifest.ts';
import { kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

const ATTACK = 'x\u001B]0;approved\u0007\u001B[2J\u009B1A\r\u202Ey\npodinfo   Succeeded';
/** All but the colours of the plugin, line breaks and tabs. */
const COMMANDS_A_TERMINAL = /(?![\n\t])[\p{Cc}\u202E]/u;

describe('what the plugin shows of a canary', () => {
  const namespace = testNamespace('escapes');
  const plugin = installedPlugin();
  const inNamespace = ['-n', namespace];
  const tenant = `system:serviceaccount:${namespace}:tenant`;
  before(async () => {
    await kubectl(...inNamespace, 'create', 'serviceaccount', 'tenant');
    await kubectl(
      ...inNamespace,
      'create',
      'rolebinding',
      'tenant',
      '--clusterrole=edit',
      `--serviceaccount=${namespace}:tenant`,
    );
    const rules = ['--verb=create', '--resource=events.events.k8s.io'];
    await kubectl(...inNamespace, 'create', 'role', 'events', ...rules);
    await kubectl(
      ...inNamespace,
      'create',
      'rolebinding',
      'events',
      '--role=events',
      `--serviceaccount=${namespace}:tenant`,
    );
    await asTenant({ ...canary({ provider: 'kubernetes', suspend: true }), metadata: { name: 'podinfo', namespace } });
    const { metadata } = await kubectlJson<{ metadata: { uid: string } }>(...inNamespace, 'get', 'canary', 'podinfo');
    const regarding = {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: 'podinfo',
      namespace,
      uid: metadata.uid,
    };
    await asTenant({
      ...{
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'attack', namespace },
        type: 'Normal',
        regarding,
      },
      ...{ reason: 'Attack', action: 'Attack', note: ATTACK, eventTime: new Date().toISOString().replace('Z', '000Z') },
      ...{ reportingController: 'x', reportingInstance: 'x' },
    });
  });

  for (const args of [
    ['events', 'podinfo'],
    ['status', 'podinfo'],
    ['why', 'podinfo'],
    ['get'],
    ['tree', 'podinfo'],
    ['history', 'podinfo'],
  ]) {
    it(`has no escape sequence of others: ${args.join(' ')}`, async () => {
      const { stdout, stderr } = await plugin.run([...args, ...inNamespace]);
      assert.doesNotMatch(stdout + stderr, COMMANDS_A_TERMINAL);
      if (args[0] === 'events')
        assert.match(stdout, /x\^\[\]0;approved\^G\^\[\[2J\\u009b1A \\u202ey podinfo {3}Succeeded/);
    });
  }

  it('is as the API server has it in the formats of programs', async () => {
    const { stdout } = await plugin.run(['events', 'podinfo', '-o', 'json', ...inNamespace]);
    assert.equal(
      (JSON.parse(stdout) as { items: { note: string }[] }).items.find(({ note }) => note.startsWith('x'))?.note,
      ATTACK,
    );
  });

  it('has none in what tenants write: reasons and the names of hooks are refused', async () => {
    const reason = {
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name: 'a', namespace } },
      spec: { canary: 'podinfo', revision: 'a'.repeat(10), action: 'abort', reason: ATTACK },
    };
    assert.match((await tryTenant(reason)).stderr, /spec\.reason.*without control characters/);
    const hook = { name: ATTACK, type: 'confirm-promotion' };
    const hooked = { ...canary({ analysis: { webhooks: [hook] } }), metadata: { name: 'hooked', namespace } };
    assert.match((await tryTenant(hooked)).stderr, /spec\.analysis\.webhooks\[0\]\.name.*without control characters/);
    assert.match(
      (await plugin.run(['abort', 'podinfo', '--reason', ATTACK, ...inNamespace])).stderr,
      /^[^\p{Cc}\u202E]*\n$/u,
    );
  });

  const tryTenant = (object: object) => tryKubectl(object, 'create', '-f', '-', `--as=${tenant}`);
  async function asTenant(object: object): Promise<void> {
    const { exitCode, stderr } = await tryTenant(object);
    assert.equal(exitCode, 0, stderr);
  }
});

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { revisionOf } from '../../../api/revision.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlFails, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { equalBeginnings, withAnnotation } from './equal-beginnings.ts';
import { eventsOf, initializedCanary, QUICK_ANALYSIS, readCanary, untilStatus } from './release.ts';

const PAIR = 'sandbox.test/pair';

interface Template {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}
interface Deployment {
  readonly spec: { readonly template: Template };
}

describe('what is promoted', () => {
  const namespace = testNamespace('tampered');
  let transport: Transport;
  const read = async (name: string) =>
    (await kubectlJson<Deployment>('-n', namespace, 'get', 'deployment', name)).spec.template;

  /** A ServiceAccount that may do one thing. */
  async function account(name: string, verb: string, resource: string, resourceName?: string): Promise<string> {
    const one = resourceName === undefined ? [] : [`--resource-name=${resourceName}`];
    await kubectl('-n', namespace, 'create', 'serviceaccount', name);
    await kubectl('-n', namespace, 'create', 'role', name, `--verb=${verb}`, `--resource=${resource}`, ...one);
    const subject = `--serviceaccount=${namespace}:${name}`;
    await kubectl('-n', namespace, 'create', 'rolebinding', name, `--role=${name}`, subject);
    return `--as=system:serviceaccount:${namespace}:${name}`;
  }

  const annotated = (value: string) =>
    JSON.stringify({ spec: { template: { metadata: { annotations: { [PAIR]: value } } } } });
  const change = (name: string, value: string, ...more: string[]) =>
    kubectl('-n', namespace, 'patch', 'deployment', name, '-p', annotated(value), ...more);

  before(async () => {
    transport = await apiServer();
  });

  it('is what was approved, also for who makes two pod templates whose revisions begin alike', async () => {
    const gate = { name: 'approval', type: 'confirm-promotion' };
    await initializedCanary(transport, namespace, 'pair', { analysis: { ...QUICK_ANALYSIS, webhooks: [gate] } });
    const attacker = await account('patcher', 'get,patch', 'deployments', 'pair');
    assert.match(
      await kubectlFails('-n', namespace, 'patch', 'deployment', 'pair-primary', '-p', annotated('1'), attacker),
      /forbidden/,
    );
    const template = await read('pair');
    const [bad, good] = equalBeginnings(template, PAIR);
    const [ofBad, ofGood] = [bad, good].map((value) => revisionOf(withAnnotation(template, PAIR, value)));
    assert.equal(ofBad?.slice(0, 10), ofGood?.slice(0, 10));
    const primaries: (string | undefined)[] = [];
    await change('pair', bad, attacker);
    await untilStatus(transport, namespace, 'pair', (of) => of.lastAppliedSpec === ofBad, 'at the first');
    await change('pair', good, attacker);
    await untilStatus(transport, namespace, 'pair', (of) => of.lastAppliedSpec === ofGood, 'at the second');
    const waits = await untilStatus(transport, namespace, 'pair', (of) => of.waitingFor?.gate === 'approval', 'gated');
    assert.equal(waits.lastAppliedSpec, ofGood);
    const approve = (name: string, revision = '') =>
      apply({
        ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name, namespace } },
        spec: { canary: 'pair', action: 'approve', gate: 'approval', revision },
      });
    await approve('short', ofGood?.slice(0, 10));
    const answer = await eventually(async () => {
      const path = ['-n', namespace, 'get', 'canaryaction', 'short'] as const;
      const { status } = await kubectlJson<{ status?: { phase?: string; message?: string } }>(...path);
      assert.ok(status?.phase !== undefined);
      return status;
    });
    assert.equal(answer.phase, 'Rejected');
    assert.match(answer.message ?? '', /is too little of a revision/);
    await approve('full', ofGood);
    await eventually(async () => {
      primaries.push((await read('pair-primary')).metadata.annotations?.[PAIR]);
      const { status } = await readCanary(transport, namespace, 'pair');
      assert.equal(status?.phase, 'Succeeded', JSON.stringify(status));
    }, 120_000);
    primaries.push((await read('pair-primary')).metadata.annotations?.[PAIR]);
    assert.equal(primaries.at(-1), good);
    assert.ok(!primaries.includes(bad));
  });

  it('is not what somebody has planted who may only create ControllerRevisions', async () => {
    await initializedCanary(transport, namespace, 'planted');
    const attacker = await account('planter', 'create', 'controllerrevisions');
    const { uid } = (await readCanary(transport, namespace, 'planted')).metadata;
    const template = await read('planted');
    const plant = async (value: string, name: (revision: string) => string, owner: object[]) => {
      const revision = revisionOf(withAnnotation(template, PAIR, value));
      const metadata = {
        ...{ name: name(revision), namespace, labels: { 'flagger.app/canary': 'planted' } },
        ...{ annotations: { 'flagger.app/revision': revision }, ownerReferences: owner },
      };
      const data = { of: 'target', template: withAnnotation(template, PAIR, 'planted') };
      const object = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision: 1, data };
      const { exitCode, stderr } = await tryKubectl(object, 'create', '-f', '-', attacker);
      assert.equal(exitCode, 0, stderr);
      return revision;
    };
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'planted', uid, controller: true };
    const promoted = async (value: string, revision: string) => {
      await untilStatus(transport, namespace, 'planted', (of) => of.lastPromotedSpec === revision, 'promoted');
      assert.equal((await read('planted-primary')).metadata.annotations?.[PAIR], value);
    };
    const next = await plant('next', (revision) => `planted-${revision}`, [owner]);
    await plant('next', (revision) => `planted-${revision.slice(0, 10)}`, [owner]);
    await change('planted', 'next');
    await promoted('next', next);
    const events = await eventsOf(namespace, 'planted');
    assert.ok(
      events.some((text) => /was not revision .*, and is kept anew/.test(JSON.stringify(text))),
      JSON.stringify(events),
    );
    // What is nobody's is not deleted: a person has to say so.
    const after = await plant('after', (revision) => `planted-${revision}`, []);
    await change('planted', 'after');
    const held = (of: { waitingFor?: { reason: string; message?: string } }) =>
      of.waitingFor?.reason === 'RevisionTampered';
    const { waitingFor } = await untilStatus(transport, namespace, 'planted', held, 'held');
    assert.match(waitingFor?.message ?? '', /is there already and is not this canary's: delete it/);
    assert.equal((await read('planted-primary')).metadata.annotations?.[PAIR], 'next');
    await kubectl('-n', namespace, 'delete', 'controllerrevision', `planted-${after}`);
    await promoted('after', after);
  });
});

// Who changes a primary and who writes whose name on a target, with the webhook up and down.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CANARY_LABEL, CHANGED_AT_ANNOTATION, CHANGED_BY_ANNOTATION, REVISION_ANNOTATION } from '../../../api/keys.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { initializedCanary, readCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { scaleTo, webhookDeployed } from '../webhook/deployed.ts';
import { refusal } from './as-account.ts';

const ANALYSIS = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0 };
const GROUP = '--as-group=system:authenticated';
const EDITOR = ['--as=edith', GROUP];
const ADMIN = ['--as=adam', GROUP];
const SECOND = 'scale.test/second';

interface Deployment {
  readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { image: string }[] } } };
}

for (const state of ['up', 'down'] as const) {
  describe(`with the webhook ${state}, a primary`, { skip: sandboxOnly('it stops the webhook') }, () => {
    const namespace = testNamespace('primaries');
    webhookDeployed();
    let server: Transport;
    before(async () => {
      server = await apiServer();
      for (const [role, user] of [
        ['edit', 'edith'],
        ['admin', 'adam'],
      ] as const)
        await kubectl('-n', namespace, 'create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${user}`);
      await initializedCanary(server, namespace, 'shop', { analysis: ANALYSIS });
      if (state === 'down') await scaleTo(0);
    });
    after(() => server.close());

    const read = (name: string) => kubectlJson<Deployment>('-n', namespace, 'get', 'deployment', name);
    const imageOf = async (name: string) => (await read(name)).spec.template.spec.containers[0]?.image;
    const patch = (flags: readonly string[], name: string, change: object) =>
      refusal(flags, {}, '-n', namespace, 'patch', 'deployment', name, '--type=merge', '-p', JSON.stringify(change));
    const annotate = (flags: readonly string[], name: string, annotations: object) =>
      patch(flags, name, { metadata: { annotations } });
    const image = { spec: { template: { spec: { containers: [{ name: 'nothing', image: 'scale.test/mine' }] } } } };

    it('is changed by the controller with a promotion, and by nobody with the role edit', async () => {
      const why = new RegExp(
        'Deployment shop-primary is the primary of Canary shop, .*change the target.*kubectl canary undo shop' +
          '.*the right change-primary on canaries.flagger.app, which edith does not have; ' +
          'the ClusterRoles admin and kubectl-canary-overrider have it',
      );
      for (const change of [
        image,
        { metadata: { labels: { [CANARY_LABEL]: null } }, ...image },
        { metadata: { ownerReferences: null }, ...image },
        { metadata: { labels: { [CANARY_LABEL]: null } } },
        { metadata: { ownerReferences: [] } },
        { metadata: { annotations: { [REVISION_ANNOTATION]: 'f'.repeat(64) } } },
        { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
      ])
        assert.match(await patch(EDITOR, 'shop-primary', change), why, JSON.stringify(change));
      const set = ['-n', namespace, 'set', 'image', 'deployment/shop', `nothing=${SECOND}`, ...EDITOR];
      await kubectl(...set);
      await untilPhase(server, namespace, 'shop', 'Progressing');
      await untilPhase(server, namespace, 'shop', 'Succeeded');
      assert.equal(await imageOf('shop-primary'), SECOND);
    });

    it('is scaled and labelled by whoever may change Deployments, and comes back when it is deleted', async () => {
      assert.equal(await patch(EDITOR, 'shop-primary', { spec: { replicas: 2 } }), '');
      assert.equal(await patch(EDITOR, 'shop-primary', { metadata: { labels: { team: 'blue' } } }), '');
      const { metadata } = await read('shop-primary');
      await kubectl('-n', namespace, 'delete', 'deployment', 'shop-primary', ...EDITOR);
      const back = await eventually(() => read('shop-primary'));
      assert.notEqual(back.metadata.uid, metadata.uid);
      assert.equal(await imageOf('shop-primary'), SECOND);
    });

    it('is not made by who may not change it: one with its label or its owner', async () => {
      const { metadata } = await readCanary(server, namespace, 'shop');
      const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'shop', uid: metadata.uid };
      const fake = scaleDeployment(namespace, 'fake-primary', 1) as { readonly metadata: object };
      for (const more of [{ labels: { [CANARY_LABEL]: 'shop' } }, { ownerReferences: [owner] }]) {
        const object = { ...fake, metadata: { ...fake.metadata, ...more } };
        assert.match(await refusal(EDITOR, object, 'create', '-f', '-'), /is the primary of Canary shop/);
      }
      assert.equal(await refusal(EDITOR, fake, 'create', '-f', '-', '--dry-run=server'), '');
    });

    it('is changed by who administers the namespace', async () => {
      assert.equal(await patch(ADMIN, 'shop-primary', image), '');
      // Until it is put right, no release starts.
      await kubectl('-n', namespace, 'rollout', 'undo', 'deployment/shop-primary', ...ADMIN);
      assert.equal(await imageOf('shop-primary'), SECOND);
    });

    it('has a target on which nobody writes another’s name', async () => {
      const remove = /changed-by\] of Deployment shop: remove it .*or write edith, who is asking/;
      const { metadata } = await read('shop');
      const forged = { [CHANGED_BY_ANNOTATION]: 'joe', [CHANGED_AT_ANNOTATION]: '2036-01-01T00:00:00Z' };
      assert.match(await annotate(EDITOR, 'shop', forged), remove);
      assert.match(await annotate(EDITOR, 'shop', { [CHANGED_BY_ANNOTATION]: 'joe' }), remove);
      const made = scaleDeployment(namespace, 'new', 1) as { readonly metadata: object };
      const stamped = { ...made, metadata: { ...made.metadata, annotations: forged } };
      assert.match(await refusal(EDITOR, stamped, 'create', '-f', '-'), /changed-by\] of Deployment new/);
      // With another time or revision the name that is there would be on another change.
      if (metadata.annotations?.[CHANGED_BY_ANNOTATION] !== undefined) {
        assert.equal(metadata.annotations[CHANGED_BY_ANNOTATION], 'edith');
        const at = { [CHANGED_AT_ANNOTATION]: '2036-01-01T00:00:00Z' };
        assert.match(await annotate(['--as=adam', GROUP], 'shop', at), /remove it .*or write adam/);
        assert.match(
          await annotate(['--as=adam', GROUP], 'shop', { [REVISION_ANNOTATION]: 'f'.repeat(64) }),
          /remove it .*or write adam/,
        );
      }
      // As `kubectl rollout undo` brings an older stamp back; the controller takes it for nobody's.
      const own = { [CHANGED_BY_ANNOTATION]: 'edith', [CHANGED_AT_ANNOTATION]: '2026-11-01T00:00:00Z' };
      assert.equal(await annotate(EDITOR, 'shop', own), '');
      const older = { [CHANGED_BY_ANNOTATION]: 'joe', [CHANGED_AT_ANNOTATION]: '2026-10-01T00:00:00Z' };
      assert.equal(await annotate(EDITOR, 'shop', older), '');
      // As tools restore a cluster, which may act for everybody.
      assert.equal(await refusal([], stamped, 'create', '-f', '-', '--dry-run=server'), '');
    });

    it('is rolled back by kubectl rollout undo of its target as ever', async () => {
      await kubectl('-n', namespace, 'rollout', 'undo', 'deployment/shop', ...EDITOR);
      const { triggeredBy } = await untilStatus(
        server,
        namespace,
        'shop',
        ({ lastAppliedSpec, lastPromotedSpec, phase }) =>
          phase === 'Progressing' || lastAppliedSpec !== lastPromotedSpec,
        'released again',
      );
      assert.equal(triggeredBy?.username, state === 'up' ? 'edith' : undefined);
    });
  });
}

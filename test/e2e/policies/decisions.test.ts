// Who decides what about a release, in whose name, and that an author is kept from approving: with the webhook up and down.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { CanaryAction, CanaryActionSpec } from '../../../api/generated/canary-action.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { action } from '../../crd/manifest.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { initializedCanary, readCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from '../plugin/installed-plugin.ts';
import { scaleTo, webhookDeployed } from '../webhook/deployed.ts';
import { refusal } from './as-account.ts';

const GROUP = '--as-group=system:authenticated';
const GATE = { name: 'sign-off', type: 'confirm-promotion', approvers: 'notAuthor' };
const ANALYSIS = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0, webhooks: [GATE] };

/** By the role that somebody has in the namespace, the rights that are missing, by what is asked. */
const REFUSED = {
  edit: { approve: '', promote: '', full: 'promote-past-gates' },
  admin: { approve: '', promote: '', full: '' },
  'kubectl-canary-approver': { approve: '', promote: 'promote', full: 'promote-past-gates' },
  'kubectl-canary-promoter': { approve: 'approve', promote: '', full: 'promote-past-gates' },
  'kubectl-canary-overrider': { approve: 'approve', promote: '', full: '' },
} as const;
const ROLE_OF = {
  approve: 'kubectl-canary-approver',
  promote: 'kubectl-canary-promoter',
  'promote-past-gates': 'kubectl-canary-overrider',
};
const ASKED = {
  approve: [{ action: 'approve' }, { action: 'reject' }],
  promote: ['promote', 'pause', 'resume', 'abort', 'retry'].map((each) => ({ action: each })),
  full: [{ action: 'promote', full: true }],
} as const;

describe('a decision', { skip: sandboxOnly('it installs and stops the webhook') }, () => {
  const namespace = testNamespace('decisions');
  webhookDeployed();
  const tries = (user: string, spec: object) =>
    refusal(
      [`--as=${user}`, GROUP],
      { ...action({ canary: 'shop', ...spec }), metadata: { name: 'tried', namespace } },
      ...['create', '-f', '-', '--dry-run=server'],
    );

  before(async () => {
    for (const role of Object.keys(REFUSED))
      await kubectl('-n', namespace, 'create', 'rolebinding', role, `--clusterrole=${role}`, `--user=of-${role}`);
    // Roles are aggregated, and policies held, a moment after they were written.
    await eventually(async () => assert.equal(await tries('of-admin', { action: 'approve' }), ''));
  });

  for (const [role, missing] of Object.entries(REFUSED)) {
    it(`takes the right of its own: with ${role}`, async () => {
      for (const [what, right] of Object.entries(missing)) {
        for (const spec of ASKED[what as keyof typeof ASKED]) {
          const answer = await tries(`of-${role}`, spec);
          if (right === '') assert.equal(answer, '');
          else
            assert.match(
              answer,
              new RegExp(
                `of-${role} may not \\w+( in full)? Canary shop in namespace ${namespace}: it takes the right ${right} ` +
                  `on canaries\\.flagger\\.app, which the ClusterRole ${ROLE_OF[right]} has`,
              ),
            );
        }
      }
    });
  }

  it('may be limited to one canary', async () => {
    const one = ['--verb=approve', '--resource=canaries.flagger.app', '--resource-name=shop'];
    await kubectl('-n', namespace, 'create', 'role', 'one', ...one);
    const ask = ['--verb=create', '--resource=canaryactions.flagger.app'];
    await kubectl('-n', namespace, 'create', 'role', 'ask', ...ask);
    for (const role of ['one', 'ask'])
      await kubectl('-n', namespace, 'create', 'rolebinding', `its-${role}`, `--role=${role}`, '--user=ann');
    await eventually(async () => assert.equal(await tries('ann', { action: 'approve' }), ''));
    assert.match(await tries('ann', { action: 'approve', canary: 'web' }), /ann may not approve Canary web/);
  });

  it('to approve is not for the roles edit and admin with manifests/four-eyes', async () => {
    await execa('make', ['deploy', 'OVERLAY=four-eyes'], { timeout: 240_000 });
    await eventually(async () => {
      for (const role of ['edit', 'admin'])
        assert.match(await tries(`of-${role}`, { action: 'approve' }), /it takes the right approve on/);
      assert.match(await tries('of-admin', { action: 'promote', full: true }), /it takes the right promote-past-gates/);
    });
    assert.equal(await tries('of-edit', { action: 'promote' }), '');
    assert.equal(await tries('of-kubectl-canary-approver', { action: 'approve' }), '');
    await execa('make', ['deploy'], { timeout: 240_000 });
    await eventually(async () => assert.equal(await tries('of-edit', { action: 'approve' }), ''));
  });
});

for (const state of ['up', 'down'] as const) {
  describe(`with the webhook ${state}, a gate`, { skip: sandboxOnly('it stops the webhook') }, () => {
    const namespace = testNamespace('four-eyes');
    const plugin = installedPlugin();
    webhookDeployed();
    let server: Transport;
    let folder = '';
    before(async () => {
      server = await apiServer();
      folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-users-'));
      for (const user of ['jane', 'joe'])
        await kubectl('-n', namespace, 'create', 'rolebinding', user, '--clusterrole=admin', `--user=${user}`);
      await initializedCanary(server, namespace, 'shop', { analysis: ANALYSIS });
      await setImage('jane', 'scale.test/second');
      await untilPhase(server, namespace, 'shop', 'WaitingPromotion');
      if (state === 'down') await scaleTo(0);
    });
    after(async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    });

    const setImage = (user: string, image: string) =>
      kubectl('-n', namespace, 'set', 'image', 'deployment/shop', `nothing=${image}`, `--as=${user}`, GROUP);
    const until = (phase: 'WaitingPromotion' | 'Succeeded') => untilPhase(server, namespace, 'shop', phase);
    const run = (user: string, ...args: readonly string[]) =>
      plugin.run([...args, 'shop', '-n', namespace, '--as', user, '--as-group', 'system:authenticated']);

    it('is not opened, nor gone past, by whoever changed the target; and is by somebody else', async () => {
      for (const args of [['approve'], ['promote', '--full']]) {
        const { exitCode, stderr } = await run('jane', ...args);
        assert.equal(exitCode, 1);
        assert.match(stderr, /gate sign-off is for somebody else than whoever changed the target: jane changed it/);
      }
      const { exitCode, stderr } = await run('joe', 'approve');
      assert.equal(exitCode, 0, stderr);
      await until('Succeeded');
      // Also with the webhook away the plugin says who asks.
      const { items } = await kubectlJson<{ items: CanaryAction[] }>('-n', namespace, 'get', 'canaryactions');
      assert.deepEqual(
        items.map(({ spec, status }) => `${spec.requestedBy} ${spec.action} ${status?.phase}`).toSorted(),
        ['jane approve Rejected', 'jane promote Rejected', 'joe approve Done'],
      );
    });

    it('is opened by nobody while nobody knows who changed the target', async () => {
      await setImage('jane', 'scale.test/third');
      const { triggeredBy } = await until('WaitingPromotion');
      assert.equal(triggeredBy?.username, state === 'up' ? 'jane' : undefined);
      const { exitCode, stderr } = await run('joe', 'approve');
      if (state === 'up') {
        assert.equal(exitCode, 0, stderr);
        return;
      }
      assert.match(stderr, /who did is not known, as the webhook was away .*kubectl canary restart shop/);
      await scaleTo(2);
      assert.equal((await run('jane', 'restart')).exitCode, 0);
      const { lastAppliedSpec } = (await readCanary(server, namespace, 'shop')).status ?? {};
      const isNew = (is: { triggeredBy?: unknown; phase?: string }) =>
        is.phase === 'WaitingPromotion' && is.triggeredBy !== undefined;
      await untilStatus(server, namespace, 'shop', isNew, `another than ${lastAppliedSpec}`);
      assert.match((await run('jane', 'approve')).stderr, /jane changed it/);
      const { exitCode: code, stderr: said } = await run('joe', 'approve');
      assert.equal(code, 0, said);
    });

    it('is not opened in another’s name, nor in none', async () => {
      const asked = (spec: Partial<CanaryActionSpec>) =>
        refusal(
          ['--as=jane', GROUP],
          { ...action({ canary: 'shop', action: 'approve', ...spec }), metadata: { name: 'forged', namespace } },
          ...['create', '-f', '-', '--dry-run=server'],
        );
      if (state === 'down') await scaleTo(0);
      assert.match(await asked({ requestedBy: 'joe' }), /leave it out, or write jane, who is asking/);
      const nameless = await asked({});
      if (state === 'up') assert.equal(nameless, '');
      else assert.match(nameless, /the webhook that fills in your name is away; write spec\.requestedBy: jane/);
      assert.equal(await asked({ requestedBy: 'jane' }), '');
    });
  });
}

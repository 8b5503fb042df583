import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { rotate } from './rotate.ts';
import { type Certificates, caBundle, nextStep, type RotationPolicy } from './rotation.ts';

const DAY = 24 * 3_600_000;
const policy: RotationPolicy = {
  serves: ['webhook.canary.svc', 'webhook.canary.svc.cluster.local'],
  authorityLifeMs: 365 * DAY,
  servingLifeMs: 90 * DAY,
  spreadMs: 300_000,
};
const start = new Date('2026-11-21T10:00:00Z');
const later = (ms: number) => new Date(start.getTime() + ms);

async function begun(): Promise<Certificates> {
  const certificates = await rotate(nextStep(undefined, policy, start), undefined, policy, start);
  assert.ok(certificates !== undefined);
  return certificates;
}

/** Whether one who trusts this bundle accepts what is served, at that time. */
function trusts(bundle: string, { serving }: Certificates, now: Date): boolean {
  const served = new X509Certificate(serving.cert);
  const isValid = new Date(served.validFrom) <= now && now < new Date(served.validTo);
  const authorities = bundle.split(/(?<=-----END CERTIFICATE-----)\s*/).filter((pem) => pem !== '');
  return isValid && authorities.some((pem) => served.verify(new X509Certificate(pem).publicKey));
}

describe('nextStep()', () => {
  it('begins with an authority and a certificate for every name', async () => {
    const certificates = await begun();
    const served = new X509Certificate(certificates.serving.cert);
    for (const name of policy.serves) assert.equal(served.checkHost(name), name);
    assert.ok(served.checkIssued(new X509Certificate(certificates.authority.cert)));
    assert.equal(served.ca, false);
    assert.equal(new X509Certificate(certificates.authority.cert).ca, true);
    assert.deepEqual(nextStep(certificates, policy, start), { kind: 'wait', until: later(60 * DAY) });
  });

  it('renews what is served when a third of its life is left', async () => {
    const certificates = await begun();
    const before = nextStep(certificates, policy, later(60 * DAY - 1000));
    assert.equal(before.kind, 'wait');
    assert.deepEqual(nextStep(certificates, policy, later(60 * DAY)), { kind: 'renew', why: 'it is about to expire' });
  });

  it('renews it at once when it is asked for by another name', async () => {
    const step = nextStep(await begun(), { ...policy, serves: [...policy.serves, 'other.canary.svc'] }, start);
    assert.deepEqual(step, { kind: 'renew', why: 'it is not for other.canary.svc' });
  });

  it('renews at once what lives longer than it would if it were made now', async () => {
    const shorter = { ...policy, authorityLifeMs: 30 * DAY, servingLifeMs: DAY };
    const certificates = await begun();
    assert.equal(nextStep(certificates, shorter, later(DAY)).kind, 'renew');
    const renewed = await rotate({ kind: 'renew', why: '' }, certificates, shorter, later(21 * DAY));
    assert.equal(nextStep(renewed, shorter, later(21 * DAY)).kind, 'introduce');
  });

  it('replaces an authority in three steps, and waits between them until everybody knows', async () => {
    let certificates = await begun();
    const steps: string[] = [];
    // Not long after 243 days: two thirds of the authority's life.
    for (let now = later(60 * DAY); now < later(260 * DAY); ) {
      const step = nextStep(certificates, policy, now);
      if (step.kind === 'wait') {
        assert.ok(step.until > now);
        now = step.until;
        continue;
      }
      steps.push(step.kind);
      certificates = (await rotate(step, certificates, policy, now)) ?? certificates;
    }
    assert.deepEqual(
      steps.filter((step) => step !== 'renew'),
      ['introduce', 'switch', 'retire'],
    );
    assert.equal(certificates.next, undefined);
    assert.equal(certificates.retired, undefined);
  });

  it('keeps trust through years: who knows the bundle before or after a step accepts what is served before or after it', async () => {
    let certificates = await begun();
    let steps = 0;
    for (let now = start; now < later(5 * 365 * DAY); ) {
      const step = nextStep(certificates, policy, now);
      if (step.kind === 'wait') {
        assert.ok(trusts(caBundle(certificates), certificates, new Date(step.until.getTime() - 1)));
        now = step.until;
        continue;
      }
      const next = await rotate(step, certificates, policy, now);
      assert.ok(next !== undefined);
      for (const bundle of [caBundle(certificates), caBundle(next)]) {
        for (const served of [certificates, next])
          assert.ok(trusts(bundle, served, now), `${step.kind} at ${now.toISOString()}`);
      }
      certificates = next;
      steps++;
    }
    assert.ok(steps > 40, String(steps));
  });

  it('begins anew when the authority has expired, as after a year without a running webhook', async () => {
    assert.equal(nextStep(await begun(), policy, later(366 * DAY)).kind, 'begin');
  });
});

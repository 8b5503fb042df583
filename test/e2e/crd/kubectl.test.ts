// What people see of the definitions through kubectl.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { action, canary, type Manifest, metrics } from '../../crd/manifest.ts';
import { apply, kubectl, kubectlFails, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { definitionsInstalled } from './installed.ts';

/** As Flagger 1.44 leaves it while a release by weight waits for its promotion. */
const FLAGGERS_STATUS = {
  phase: 'WaitingPromotion',
  failedChecks: 1,
  canaryWeight: 0,
  iterations: -1,
  lastAppliedSpec: '6d5c8b7f9',
  lastPromotedSpec: '5f4b8c7d6',
  lastTransitionTime: '2026-01-02T03:04:05Z',
  trackedConfigs: { 'configmap/podinfo': '0123456789abcdef' },
  conditions: [
    {
      type: 'Promoted',
      status: 'Unknown',
      reason: 'WaitingPromotion',
      message: 'Waiting for approval.',
      lastUpdateTime: '2026-01-02T03:04:05Z',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    },
  ],
};

describe('kubectl with the definitions', () => {
  const namespace = testNamespace('definitions');
  definitionsInstalled();

  it('apply says at once, and with its field, what is wrong', async () => {
    const refused = await applyFails(canary({ analysis: { stepWeight: 60, metrics: [{ name: 'errors' }] } }));
    assert.match(refused, /spec\.analysis\.stepWeight: .*write at most the maxWeight/);
    assert.match(refused, /spec\.analysis\.metrics\[0\]\.templateRef: Required value: write the MetricTemplate/);
    assert.match(refused, /spec\.analysis\.metrics\[0\]\.thresholdRange: Required value: write a thresholdRange/);
  });

  it('apply finds a misspelt field', async () => {
    assert.match(await applyFails(canary({ skipAnalysys: true })), /unknown field "spec\.skipAnalysys"/);
  });

  it('apply takes every example', async () => {
    const { stdout } = await execa('sh', [
      '-c',
      'sed -s "\\$a---" examples/*/canary.yaml | sed "s/namespace: test/namespace: $0/" | kubectl apply --dry-run=server -f -',
      namespace,
    ]);
    assert.match(stdout, /metrictemplate.flagger.app\/latency created \(server dry run\)/);
  });

  it('apply with another field manager adds a metric and leaves the others', async () => {
    const name = { metadata: { name: 'shared', namespace } };
    await serverSideApply('one', { ...metrics({ name: 'request-success-rate' }), ...name });
    const { apiVersion, kind } = canary();
    const analysis = { metrics: [{ name: 'request-duration', thresholdRange: { max: 500 } }] };
    await serverSideApply('two', { apiVersion, kind, ...name, spec: { analysis } });
    const names = await get('canary/shared', '{.spec.analysis.metrics[*].name}');
    assert.equal(names, 'request-success-rate request-duration');
  });

  it('get shows what a release is at', async () => {
    await apply(inNamespace(canary()));
    await patchStatus('canary', 'podinfo', {
      phase: 'Progressing',
      canaryWeight: 20,
      failedChecks: 1,
      lastTransitionTime: '2026-01-02T03:04:05Z',
      summary: { step: '2/5', checks: '3/4', next: 'judged at 03:05:05' },
    });
    const lines = (await kubectl('-n', namespace, 'get', 'cny', 'podinfo')).split('\n');
    assert.match(lines[0]!, /^NAME +TARGET +STATUS +STEP +WEIGHT +CHECKS +NEXT +AGE$/);
    assert.match(lines[1]!, /^podinfo +podinfo +Progressing +2\/5 +20 +3\/4 +judged at 03:05:05 +\S+$/);
    const wide = await kubectl('-n', namespace, 'get', 'cny', 'podinfo', '-o', 'wide');
    assert.match(
      wide,
      /AGE +LASTTRANSITIONTIME +PROVIDER +SUSPENDED +FAILEDCHECKS +INTERVAL +MIRROR +STEPWEIGHT +STEPWEIGHTS +MAXWEIGHT/,
    );
    assert.match(wide, /2026-01-02T03:04:05Z +1 +30s +10 +50/);
  });

  it('get all leaves our kinds out, and their own category has them', async () => {
    await apply(inNamespace(canary()), inNamespace(action()));
    assert.doesNotMatch(await kubectl('-n', namespace, 'get', 'all'), /podinfo/);
    const ours = await kubectl('-n', namespace, 'get', 'progressive-delivery');
    assert.match(ours, /canary.flagger.app\/podinfo /);
    assert.match(ours, /canaryaction.flagger.app\/podinfo-abort +podinfo +abort/);
  });

  it('explain has a word for each field', async () => {
    const all = await kubectl('explain', 'canary.spec.analysis.metrics');
    assert.match(all, /onNoData\t<string>\n +enum: fail, hold, pass\n +What a query without a value does/);
    assert.doesNotMatch(await kubectl('explain', 'canary.spec', '--recursive'), /<no description>/);
  });

  it('reads and writes a status that Flagger has left', async () => {
    await apply(inNamespace(canary(), 'migrated'));
    await patchStatus('canary', 'migrated', FLAGGERS_STATUS);
    assert.deepEqual(
      (await kubectlJson<{ status: object }>('-n', namespace, 'get', 'canary', 'migrated')).status,
      FLAGGERS_STATUS,
    );
    await patchStatus('canary', 'migrated', { observedGeneration: 1 });
  });

  it('wait sees a condition', async () => {
    await apply(inNamespace(canary(), 'waited'));
    await patchStatus('canary', 'waited', { conditions: [{ type: 'Promoted', status: 'True', reason: 'Succeeded' }] });
    await kubectl('-n', namespace, 'wait', 'canary/waited', '--for=condition=promoted', '--timeout=10s');
  });

  it('cannot change a decision', async () => {
    await apply(inNamespace(action(), 'decided'));
    const patch = JSON.stringify({ spec: { action: 'promote' } });
    const refused = await kubectlFails(
      '-n',
      namespace,
      'patch',
      'canaryaction',
      'decided',
      '--type=merge',
      '-p',
      patch,
    );
    assert.match(refused, /spec: Invalid value: .*create another CanaryAction/s);
  });

  it('takes a Canary of v1alpha3, says that it is old, and gives it back as v1beta1', async () => {
    const old = {
      ...canary({ analysis: null, canaryAnalysis: { threshold: 5, stepWeight: 10 } }),
      apiVersion: 'flagger.app/v1alpha3',
    };
    const { stderr } = await execa('kubectl', ['apply', '-f', '-'], { input: JSON.stringify(inNamespace(old, 'old')) });
    assert.match(stderr, /Warning: flagger.app\/v1alpha3 Canary is old; write flagger.app\/v1beta1/);
    assert.equal(await get('canary/old', '{.apiVersion} {.spec.canaryAnalysis.stepWeight}'), 'flagger.app/v1beta1 10');
  });

  const inNamespace = (manifest: Manifest, name = manifest.metadata.name): Manifest => ({
    ...manifest,
    metadata: { name, namespace },
  });

  const get = (object: string, path: string) => kubectl('-n', namespace, 'get', object, '-o', `jsonpath=${path}`);

  async function applyFails(manifest: Manifest): Promise<string> {
    const result = await tryKubectl(inNamespace(manifest), 'apply', '-f', '-');
    assert.notEqual(result.exitCode, 0, result.stdout);
    return result.stderr;
  }

  const serverSideApply = (manager: string, manifest: Manifest) =>
    execa('kubectl', ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], {
      input: JSON.stringify(manifest),
    });

  const patchStatus = (kind: string, name: string, status: object) =>
    kubectl(
      '-n',
      namespace,
      'patch',
      kind,
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
});

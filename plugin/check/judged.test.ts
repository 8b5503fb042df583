// What is concluded from each look, without a cluster to look at.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { REVISION_ANNOTATION } from '../../api/keys.ts';
import { ABILITIES, type Provider } from '../../api/provider-abilities.ts';
import { revisionOf } from '../../api/revision.ts';
import type { RouteKind } from '../../api/route-kinds.ts';
import { VERSION } from '../../api/version.ts';
import { KubeError } from '../../kube/errors.ts';
import type { Lease } from '../../kube/leader-election/lease.ts';
import { optionOf } from '../cluster/installation.ts';
import { type Definition, judgeDefinition } from './definitions.ts';
import { judgeLease } from './lease.ts';
import { judgeMetricsServer, serviceOf } from './metrics-server.ts';
import { judgeProgram } from './programs.ts';
import { controllerRights, judgeCaller, judgeController, type Right } from './rights.ts';
import { judgeAdmission, judgeStamp, judgeTargetStamp } from './round-trip.ts';
import { judgeGateways, judgeProviders } from './routes.ts';
import { judgeServerVersion } from './server-version.ts';

const manifests = join(import.meta.dirname, '..', '..', 'manifests');
const PROGRAM = {
  ...{ namespace: 'system', name: 'canary-controller', version: VERSION, wanted: 2, available: 2 },
  ...{ args: [], serviceAccount: 'canary-controller' },
};
const refused = (status: number, reason = 'Unknown') => new KubeError({ status, reason, message: 'no' });

describe('the version of the API server', () => {
  for (const [version, verdict] of Object.entries({
    ...{ 'v1.36.1': 'ok', 'v1.30.0-gke.100': 'ok', 'v1.29.9': 'fail', 'v2.0.0': 'ok', nightly: 'warn' },
  })) {
    it(`${version}: ${verdict}`, () => assert.equal(judgeServerVersion(version).verdict, verdict));
  }
});

describe('a definition', async () => {
  const ours = parse(await readFile(join(manifests, 'crd', 'canary.yaml'), 'utf8'), { merge: true }) as Definition;
  const established = { conditions: [{ type: 'Established', status: 'True' }] };
  const judge = (value: Definition) => judgeDefinition('Canary', 'canaries', { kind: 'found', value });

  it('is right where it is ours and established', () => {
    assert.equal(judge({ ...ours, status: established }).verdict, 'ok');
    assert.match(judge(ours).text, /not established/);
  });

  it('is wrong where it lacks fields of ours, such as Flagger’s', () => {
    const [version] = ours.spec.versions;
    const { analysis: _, suspend: __, ...fields } = version!.schema!.openAPIV3Schema!.properties!['spec']!.properties!;
    const schema = { openAPIV3Schema: { properties: { spec: { properties: fields } } } };
    const { verdict, text } = judge({ spec: { versions: [{ ...version!, schema }] }, status: established });
    assert.equal(verdict, 'fail');
    assert.match(text, /^it is of another version: it lacks .*spec\.(suspend|analysis).*/);
  });

  it('is wrong where it is not there or not served, and not asked about by who may not', () => {
    assert.equal(judgeDefinition('Canary', 'canaries', { kind: 'missing' }).verdict, 'fail');
    assert.equal(judgeDefinition('Canary', 'canaries', { kind: 'forbidden' }).verdict, 'skip');
    assert.equal(
      judge({ spec: { versions: [{ name: 'v1alpha3', served: true }] }, status: established }).verdict,
      'fail',
    );
  });
});

describe('a program', () => {
  const judge = (change: Partial<typeof PROGRAM> & { readonly version?: string }) =>
    judgeProgram('controller', { ...PROGRAM, ...change });

  it('is right with all of its pods, in a version that goes with the plugin', () => {
    assert.equal(judge({}).text, `2 of 2 pods available, version ${VERSION}`);
    assert.equal(judge({ version: `${VERSION.replace(/\d+$/, '')}99` }).verdict, 'ok');
  });

  it('is looked at with fewer, or in another version', () => {
    assert.equal(judge({ available: 1 }).verdict, 'warn');
    assert.match(judge({ version: '7.1.0' }).text, new RegExp(`version 7.1.0, and the plugin is ${VERSION}`));
  });

  it('is wrong without pods, and without itself', () => {
    assert.equal(judge({ available: 0 }).verdict, 'fail');
    assert.equal(
      judge({ wanted: 0, available: 0 }).fix,
      'kubectl -n system scale deployment/canary-controller --replicas=2',
    );
    assert.equal(judgeProgram('webhook', undefined).verdict, 'fail');
  });

  it('has options in either form', () => {
    const args = ['--a=1', '--b', '2', '--c'];
    assert.deepEqual(
      ['--a', '--b', '--c', '--d'].map((option) => optionOf({ args }, option)),
      ['1', '2', undefined, undefined],
    );
  });
});

describe('the leader', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const judge = (spec: Lease['spec']) =>
    judgeLease('leader', { kind: 'found', value: { spec } as Lease }, PROGRAM, now);

  it('has renewed its Lease within its time', () => {
    const spec = { holderIdentity: 'pod-a', leaseDurationSeconds: 15, renewTime: '2026-01-01T11:59:57.000000Z' };
    assert.deepEqual([judge(spec).verdict, judge(spec).text], ['ok', 'pod-a, renewed 3s ago']);
    assert.equal(judge({ ...spec, renewTime: '2026-01-01T11:59:40.000000Z' }).verdict, 'fail');
    assert.equal(judge({ ...spec, holderIdentity: '' }).text, 'no controller leads');
    assert.equal(judgeLease('leader', { kind: 'missing' }, PROGRAM, now).verdict, 'fail');
    assert.equal(judgeLease('leader', { kind: 'forbidden' }, PROGRAM, now).verdict, 'skip');
  });
});

describe('the round trip', () => {
  const byWebhook = { kind: 'refused', message: 'spec.x: no', byWebhook: true } as const;
  const elsewhere = { ...byWebhook, byWebhook: false };
  const admitted = { kind: 'admitted', object: { spec: { requestedBy: 'jane' } } } as const;

  it('wants the wrong canary refused by the webhook and the right one admitted', () => {
    assert.equal(judgeAdmission(byWebhook, admitted, '').verdict, 'ok');
    assert.equal(judgeAdmission(admitted, admitted, '').verdict, 'fail');
    assert.equal(judgeAdmission(elsewhere, admitted, '').verdict, 'fail');
    assert.equal(judgeAdmission(byWebhook, byWebhook, '').verdict, 'fail');
    assert.equal(judgeAdmission({ kind: 'forbidden' }, admitted, '').verdict, 'skip');
  });

  it('wants to know who asks for an action', () => {
    assert.equal(judgeStamp(admitted, '').text, 'you are jane');
    assert.equal(judgeStamp({ kind: 'admitted', object: { spec: {} } }, '').verdict, 'fail');
    assert.match(judgeStamp({ kind: 'unstamped' }, '').text, /^nobody writes who asks for an action/);
    assert.equal(judgeStamp(elsewhere, '').verdict, 'fail');
    assert.equal(judgeStamp({ kind: 'forbidden' }, '').verdict, 'skip');
  });

  it('wants a changed target stamped with the very revision that it has', () => {
    const template = { spec: { containers: [] } };
    const object = (revision: string) => ({
      ...{ metadata: { annotations: { [REVISION_ANNOTATION]: revision } }, spec: { template } },
    });
    const judge = (revision: string) =>
      judgeTargetStamp({ kind: 'admitted', object: object(revision) }, 'a/b', '').verdict;
    assert.equal(judge(revisionOf(template)), 'ok');
    assert.equal(judge(revisionOf('another')), 'warn');
    assert.equal(judgeTargetStamp(elsewhere, 'a/b', '').verdict, 'skip');
  });
});

describe('rights', () => {
  it('are told where they are lacked', () => {
    const seeing = (missing: readonly Right[] | undefined) =>
      judgeCaller('you may see', missing, 'fail', { commands: 'get', role: 'view' }, 'test');
    const right = { verb: 'list', group: 'flagger.app', resource: 'canaries', namespace: 'test' };
    assert.equal(seeing([right]).text, 'you may not list canaries.flagger.app in test: get will be refused');
    assert.equal(seeing([]).verdict, 'ok');
    assert.equal(seeing(undefined).verdict, 'skip');
    const status = { verb: 'patch', group: '', resource: 'pods', subresource: 'status' };
    assert.equal(judgeController('rights', [status], 'a/b').text, 'ServiceAccount a/b may not patch pods/status');
  });

  it('of the controller are none that its role does not give', async () => {
    const role = parseAllDocuments(await readFile(join(manifests, 'controller', 'rbac.yaml'), 'utf8'))
      .map((document) => document.toJS() as { readonly kind: string; readonly rules: readonly Rule[] })
      .find(({ kind }) => kind === 'ClusterRole');
    const all = controllerRights(Object.keys(ABILITIES) as readonly Provider[]);
    const lacking = all.filter(
      ({ verb, group, resource, subresource }) =>
        role?.rules.some(
          ({ apiGroups, resources, verbs }) =>
            apiGroups.includes(group) &&
            resources.includes(subresource === undefined ? resource : `${resource}/${subresource}`) &&
            verbs.includes(verb),
        ) !== true,
    );
    assert.deepEqual(lacking, []);
    assert.ok(all.length > 20);
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe('providers', () => {
  const hasContour = ({ plural }: RouteKind) => ['httpproxies', 'services', 'endpointslices'].includes(plural);
  const judge = (...used: readonly Provider[]) =>
    judgeProviders(used, 'istio', hasContour).map(({ name, verdict }) => `${name}: ${verdict}`);

  it('need their kinds where canaries have them, and are looked at where none has', () => {
    assert.deepEqual(judge('contour', 'gatewayapi:v1', 'nginx'), [
      'provider contour: ok',
      'provider gatewayapi:v1: fail',
      'provider nginx: warn',
      'provider istio: warn',
    ]);
    assert.deepEqual(judge('istio'), ['provider istio: fail']);
  });

  it('may be none but the one that every cluster has', () => {
    assert.equal(judgeGateways(hasContour).text, 'contour, kubernetes');
    const { verdict, text } = judgeGateways(
      ({ apiVersion }) => !apiVersion.includes('.') || apiVersion.startsWith('discovery'),
    );
    assert.deepEqual(
      [verdict, text],
      ['warn', 'no gateway or mesh that is driven: only provider kubernetes can be used'],
    );
  });
});

describe('the metrics server', () => {
  it('is a Service where its URL is one of the cluster', () => {
    const service = { namespace: 'monitoring', name: 'prometheus', scheme: 'http', port: '9090', path: '' };
    assert.deepEqual(serviceOf('http://prometheus.monitoring:9090', 'system'), service);
    assert.deepEqual(serviceOf('http://prometheus.monitoring.svc.cluster.local:9090/', 'system'), service);
    assert.deepEqual(serviceOf('https://prometheus/select/', 'system'), {
      ...{ ...service, namespace: 'system', scheme: 'https', port: '443', path: '/select' },
    });
    for (const url of ['https://metrics.example.com', 'http://10.0.0.1:9090', 'http://localhost.:9090', 'no url'])
      assert.equal(serviceOf(url, 'system'), undefined, url);
  });

  it('is judged by what the API server says of it', () => {
    const verdicts = [
      'ready' as const,
      refused(403),
      refused(404),
      refused(503),
      refused(502),
      refused(0, 'Timeout'),
    ].map((answer) => judgeMetricsServer('http://prometheus', answer).verdict);
    assert.deepEqual(verdicts, ['ok', 'skip', 'fail', 'fail', 'warn', 'warn']);
  });
});

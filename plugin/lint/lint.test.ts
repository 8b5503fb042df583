import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readManifestFiles } from '../manifests/manifest-files.ts';
import { findingLine } from '../view/lint-findings.ts';
import { type LintOptions, lint } from './lint.ts';

const root = join(import.meta.dirname, '..', '..');
const NAMESPACE = { namespace: 'default' };

const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: podinfo
spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: podinfo
  service:
    port: 9898
  analysis:
    interval: 30s
    threshold: 5
    stepWeight: 10
`;

function linesOf(text: string, options: LintOptions = NAMESPACE): readonly string[] {
  const { findings } = lint([{ name: 'a.yaml', text }], options);
  return findings.map((finding) => findingLine(finding, { hasColor: false }));
}

const also = (...fields: readonly string[]) => `${CANARY}${fields.map((field) => `    ${field}\n`).join('')}`;

describe('lint', () => {
  it('points at the field that is wrong, and at what a missing one belongs in', () => {
    assert.deepEqual(
      linesOf(CANARY.replace('stepWeight', 'stepWeigth').replace('    port: 9898\n', '    name: web\n')),
      [
        'a.yaml:10:3: error: spec.service.port: write this field, which is required',
        'a.yaml:15:5: error: spec.analysis.stepWeigth: there is no such field, did you mean stepWeight?',
      ],
    );
  });

  it('points into lists and into maps whose keys have dots', () => {
    const metrics = also('metrics:', '- name: a', '  query: x', '- {name: b, query: x, templateVariables: {a.b: 1}}');
    assert.deepEqual(linesOf(metrics), [
      'a.yaml:19:47: error: spec.analysis.metrics[1].templateVariables.a.b: write a text (in quotes, where it looks like a number or a boolean)',
    ]);
  });

  it('points through anchors', () => {
    const text = also('metrics:', '- name: a', '  query: x', '  threshold: 1', '  intervall: 1m').replace(
      'spec:\n',
      'spec: &spec\n',
    );
    const second = 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: other}\nspec: *spec\n';
    const list = `kind: List\napiVersion: v1\nitems:\n- ${text.trimEnd().replaceAll('\n', '\n  ')}\n- ${second.trimEnd().replaceAll('\n', '\n  ')}\n`;
    assert.deepEqual(
      linesOf(list).map((line) => line.split(': ').slice(0, 3).join(': ')),
      [
        'a.yaml:23:9: error: spec.analysis.metrics[0].intervall',
        'a.yaml:23:9: error: spec.analysis.metrics[0].intervall',
      ],
    );
  });

  it('tells where a text is no YAML, and what is written twice', () => {
    assert.deepEqual(linesOf('a: 1\na: 2\n---\nb: [1\n---\n'), [
      'a.yaml:2:1: error: map keys must be unique',
      'a.yaml:5:1: error: flow sequence in block collection must be sufficiently indented and end with a ]',
    ]);
    const bomb = `a: &a [${'x,'.repeat(20)}]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`;
    assert.match(linesOf(bomb).join(), /^a.yaml:1:1: error: excessive alias count/);
  });

  it('reads what YAML 1.1 called a boolean as kubectl does', () => {
    assert.deepEqual(linesOf(CANARY.replace('spec:\n', 'spec:\n  skipAnalysis: yes\n  suspend: Off\n')), []);
    assert.deepEqual(linesOf(also('webhooks: [{name: on, url: "http://a/"}]')), [
      'a.yaml:16:17: error: spec.analysis.webhooks[0].name: write a text (in quotes, where it looks like a number or a boolean)',
    ]);
  });

  it('says which kinds and versions there are', () => {
    assert.deepEqual(
      linesOf('apiVersion: flagger.app/v1beta1\nkind: Canray\n---\napiVersion: flager.app/v1beta1\nkind: Canary\n'),
      [
        'a.yaml:2:1: error: kind: there is no such kind; did you mean Canary?',
        'a.yaml:4:1: error: apiVersion: write flagger.app/v1beta1, which is what is served',
      ],
    );
  });

  it('asks of metadata what the API server asks', () => {
    const named = (metadata: string) => linesOf(CANARY.replace('  name: podinfo\nspec', `  ${metadata}\nspec`));
    assert.deepEqual(named('labels: {app: podinfo}'), [
      'a.yaml:3:1: error: metadata.name: write this field, which is required',
    ]);
    assert.deepEqual(named('generateName: podinfo-'), []);
    assert.deepEqual(named('{name: Podinfo, label: {a: b}, annotations: {a.b/c: 1}}'), [
      'a.yaml:4:4: error: metadata.name: write a name in lower case letters, digits, - and ., such as podinfo',
      'a.yaml:4:19: error: metadata.label: there is no such field, did you mean labels?',
      'a.yaml:4:48: error: metadata.annotations.a.b/c: write a text (in quotes, where it looks like a number or a boolean)',
    ]);
  });

  it('knows the other objects of the files, in their namespaces, and claims nothing of what is not there', () => {
    const asking = also(
      'metrics: [{name: errors, threshold: 1, templateRef: {name: rate}}]',
      'alerts: [{name: a, providerRef: {name: b}}]',
    );
    const template = `apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: {name: rate}
spec: {provider: {type: prometheus, address: 'http://prometheus'}, query: 'up{zone="{{ variables.zone }}"}'}
`;
    assert.deepEqual(linesOf(asking), []);
    assert.deepEqual(linesOf(`${asking}---\n${template}`), [
      'a.yaml:16:15: error: spec.analysis.metrics[0].templateVariables: write zone, which MetricTemplate rate asks for',
    ]);
    assert.deepEqual(
      linesOf(`${asking}---\n${template.replace('{name: rate}', '{name: rate, namespace: other}')}`),
      [],
    );
    const second = CANARY.replace('name: podinfo', 'name: second');
    assert.match(
      linesOf(`${CANARY}---\n${second}`).join('\n'),
      /spec.targetRef: .*canary second already.*\n.*canary podinfo already/,
    );
    const scaler =
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: hpa}\nspec: {minReplicas: 3}\n';
    const scaled = CANARY.replace(
      'spec:\n',
      'spec:\n  canaryReplicas: 1\n  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: hpa}\n',
    );
    assert.match(linesOf(`${scaled}---\n${scaler}`).join(), /^a.yaml:6:3: warning: spec.canaryReplicas: /);
  });

  it('says what a provider cannot do where it is told which one is meant', () => {
    const measured = also('metrics: [{name: request-success-rate, thresholdRange: {min: 99}}]');
    assert.deepEqual(linesOf(measured), []);
    assert.deepEqual(linesOf(measured, { ...NAMESPACE, defaultProvider: 'smi:v1alpha1' }), [
      'a.yaml:16:16: error: spec.analysis.metrics[0].name: is not built in for the provider smi:v1alpha1: write a templateRef with the query',
    ]);
  });

  it('takes each version that the definitions serve, and no other', async () => {
    const folder = join(root, 'manifests', 'crd');
    const files = (await readdir(folder)).filter((file) => file !== 'kustomization.yaml');
    for (const file of files) {
      const text = await readFile(join(folder, file), 'utf8');
      const { spec } = parse(text, { merge: true }) as {
        readonly spec: {
          readonly names: { readonly kind: string };
          readonly versions: readonly { readonly name: string }[];
        };
      };
      const isTaken = (version: string) =>
        !linesOf(`apiVersion: flagger.app/${version}\nkind: ${spec.names.kind}\n`).some((line) =>
          line.includes(' apiVersion: '),
        );
      assert.deepEqual(
        ['v1beta1', 'v1alpha3', 'v1alpha1', 'v1'].filter(isTaken),
        spec.versions.map(({ name }) => name),
        file,
      );
    }
  });

  it('passes over other kinds, and counts what it has looked at', () => {
    const { checked, passedOver, canaries } = lint(
      [{ name: 'a.yaml', text: `${CANARY}---\n---\nkind: Deployment\napiVersion: apps/v1\n---\nreplicas: 3\n--- 7\n` }],
      NAMESPACE,
    );
    assert.deepEqual([checked, passedOver, canaries.length], [1, 2, 1]);
    assert.equal(canaries[0]?.spec.analysis?.drainSeconds, 5);
  });

  it('finds nothing wrong with the examples', async () => {
    const { files, unreadable } = await readManifestFiles([join(root, 'examples')], () => Promise.resolve(''));
    const folders = await readdir(join(root, 'examples'));
    const { findings, checked } = lint(files, NAMESPACE);
    assert.deepEqual([findings, unreadable], [[], []]);
    assert.ok(checked >= folders.length - 1);
  });
});

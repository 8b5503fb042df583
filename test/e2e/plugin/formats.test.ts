// What kubectl canary get prints of an object is what kubectl get prints of it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import { scratchFolder } from '../../../kube/kube-config/fixture.ts';
import { canaryOf } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

const JSON_PATHS = [
  '{.metadata.name} of {.kind}',
  '{.metadata}',
  '{.spec}',
  '{.spec.analysis}{"\\n"}',
  '{.spec.analysis.stepWeights[*]}|{.spec.analysis.stepWeights[-1]}|{.spec.analysis.stepWeights[0:2]}|{.spec.analysis.stepWeights[::2]}',
  '{.spec.analysis.metrics[?(@.name=="error-rate")].interval}',
  '{.spec.analysis.metrics[?(@.thresholdRange.max<200)].name}',
  '{range .spec.analysis.metrics[*]}{.name}{"\\t"}{.interval}{"\\n"}{end}',
  '{range .spec.analysis.metrics[*]}{.name}{"\\n"}',
  '{.spec.analysis.metrics[*].thresholdRange}',
  "{.metadata['name','namespace']} {.metadata.annotations.example\\.org/team}",
  '{.metadata.labels}{.none.of.it}{.status.history[*].result}',
  '{..port} {..metrics[0].name}',
  '.metadata.name',
  '{.spec.analysis.metrics[9]}',
  '{.metadata.name[0]}',
  '{.metadata',
  '{end}',
];

const LIST_PATHS = [
  '{.items[*].metadata.name}',
  '{range .items[*]}{.metadata.name}={.spec.targetRef.kind}/{.spec.targetRef.name}{"\\n"}{end}',
  '{.kind} {.apiVersion} {.items[0].kind}',
  '{.items[?(@.metadata.name=="web")].spec.service.port}',
];

const COLUMNS = [
  'NAME:.metadata.name',
  'NAME:metadata.name,KIND:{.kind},NONE:.none,LABELS:.metadata.labels',
  'A:.spec.analysis.stepWeights,B:.spec.analysis.stepWeights[*],C:.spec.analysis.metrics[0]',
  'NAME:.metadata.name,CHECK:.spec.analysis.metrics[?(@.name=="error-rate")].interval',
];

describe('the formats of kubectl canary get', () => {
  const namespace = testNamespace('formats');
  const plugin = installedPlugin();
  const scratch = scratchFolder();
  const inNamespace = ['-n', namespace];
  before(async () => {
    const metrics = [
      { name: 'request-duration', interval: '30s', thresholdRange: { max: 500 } },
      { name: 'error-rate', interval: '1m', thresholdRange: { max: 100 }, query: 'vector(1)' },
    ];
    const analysis = { interval: '1m', threshold: 5, stepWeights: [5, 20, 50], metrics };
    const podinfo = canaryOf(namespace, { analysis }) as { metadata: object };
    const metadata = {
      labels: { b: '2', a: '1' },
      annotations: { 'example.org/team': 'shop & <co>' },
    };
    await apply({ ...podinfo, metadata: { ...podinfo.metadata, ...metadata } }, canaryOf(namespace, {}, 'web'));
    // Nothing changes any more between the two who are compared.
    await eventually(async () => {
      const phases = await kubectl(
        ...inNamespace,
        'get',
        'canaries',
        '-o',
        'jsonpath={.items[*].status.waitingFor.reason}',
      );
      assert.equal(phases, 'TargetMissing TargetMissing');
    }, 60_000);
  });

  /** The same of both: what is printed, and whether it fails. */
  async function assertSame(format: string, names: readonly string[]): Promise<void> {
    const theirs = await plugin.kubectl(['get', 'canaries', ...names, '-o', format, ...inNamespace]);
    const ours = await plugin.run(['get', ...names, '-o', format, ...inNamespace]);
    assert.equal(ours.stdout, theirs.stdout, format);
    assert.equal(ours.exitCode === 0, theirs.exitCode === 0, `${format}: ${ours.stderr}${theirs.stderr}`);
    if (ours.exitCode !== 0) assert.match(ours.stderr, /^error: -o [\w-]+ [^\n]+\n$/);
  }

  for (const template of JSON_PATHS) {
    it(`jsonpath=${template}`, () => assertSame(`jsonpath=${template}`, ['podinfo']));
  }
  for (const template of LIST_PATHS) {
    it(`jsonpath=${template} of all`, () => assertSame(`jsonpath=${template}`, []));
  }
  for (const columns of COLUMNS) {
    it(`custom-columns=${columns}`, async () => {
      await assertSame(`custom-columns=${columns}`, []);
      await assertSame(`custom-columns=${columns}`, ['podinfo']);
    });
  }

  it('json, yaml and name, of one, of two that are named, and of all', async () => {
    for (const format of ['json', 'yaml', 'name']) {
      for (const names of [['podinfo'], ['web', 'podinfo'], []]) await assertSame(format, names);
    }
  });

  it('templates in files', async () => {
    const path = await scratch.write('path', '{range .items[*]}{.metadata.name}{"\\n"}{end}');
    await assertSame(`jsonpath-file=${path}`, []);
    const columns = await scratch.write('columns', 'NAME            PORT\nmetadata.name   {.spec.service.port}\n');
    await assertSame(`custom-columns-file=${columns}`, []);
    await assertSame('jsonpath-file=/none', []);
  });

  it('of what cannot be read is refused before anything is asked', async () => {
    const nowhere = { env: { KUBECONFIG: '/none' } };
    for (const [format, message] of [
      ['jsonpath={.a', /^error: -o jsonpath cannot be read: unclosed action: "\{.a"\n$/],
      ['custom-columns=NAME', /^error: -o custom-columns cannot be read: .* expected <header>:<json-path-expr>/],
      [
        'go-template={{.kind}}',
        /^error: -o go-template is a language of Go programs: use jsonpath= or custom-columns=/,
      ],
      ['xml', /^error: there is no output format "xml": there are wide, json/],
    ] as const) {
      const { exitCode, stdout, stderr } = await plugin.run(['get', '-o', format], nowhere);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.match(stderr, message);
    }
  });

  it('tables have labels, and no titles where none are wanted', async () => {
    const labels = await plugin.ok('get', '-L', 'a,example.org/b', '--show-labels', ...inNamespace);
    const [titles, podinfo, web] = labels.trimEnd().split('\n');
    assert.match(titles ?? '', / AGE +A +B +LABELS$/);
    assert.match(podinfo ?? '', / 1 +<none> +a=1,b=2$/);
    assert.match(web ?? '', / <none> +<none> +<none>$/);
    const bare = await plugin.ok('get', '--no-headers', '-l', 'a=1', ...inNamespace);
    assert.match(bare, /^podinfo [^\n]*\n$/);
    const everywhere = await plugin.ok('get', '-A', '-l', 'a=1');
    assert.match(everywhere, new RegExp(`^NAMESPACE +NAME .*\n${namespace} +podinfo [^\n]*\n$`));
    const failed = await plugin.run(['get', '--status=Failed,succeeded', ...inNamespace]);
    assert.deepEqual([failed.stdout, failed.stderr], ['', `No resources found in ${namespace} namespace.\n`]);
    const unknown = await plugin.run(['get', '--status', 'Fialed', ...inNamespace]);
    assert.deepEqual([unknown.exitCode, unknown.stdout], [2, '']);
  });

  it('one that is missing does not hide the others', async () => {
    const { exitCode, stdout, stderr } = await plugin.run(['get', 'none', 'canary/web', '-o', 'name', ...inNamespace]);
    const missing = 'Error from server (NotFound): canaries.flagger.app "none" not found\n';
    assert.deepEqual(
      { exitCode, stdout, stderr },
      { exitCode: 1, stdout: 'canary.flagger.app/web\n', stderr: missing },
    );
    const ignored = await plugin.run(['get', 'none', '--ignore-not-found', ...inNamespace]);
    assert.deepEqual(ignored, { exitCode: 0, stdout: '', stderr: '' });
    const other = await plugin.run(['get', 'deployment/web', ...inNamespace]);
    assert.deepEqual(
      [other.exitCode, other.stderr],
      [2, 'error: there is no canary "deployment/web": it is of another kind\n'],
    );
  });

  describe('with --watch', () => {
    /** The plugin as it runs, and what it has printed so far. */
    function watching(...args: readonly string[]): { child: ChildProcess; text: { out: string; err: string } } {
      const child = spawn('kubectl', ['canary', 'get', '-w', ...args], {
        env: { ...process.env, PATH: plugin.path() },
      });
      const text = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
      return { child, text };
    }

    it('changes stand under the first table, and one that is deleted is told of', async () => {
      await apply(canaryOf(namespace, {}, 'passing'));
      const { child, text } = watching('passing', ...inNamespace);
      const lines = () => text.out.trimEnd().split('\n');
      await eventually(async () => assert.ok(lines().length >= 2), 30_000);
      const before_ = lines().length;
      await kubectl(...inNamespace, 'patch', 'canary', 'passing', '--type=merge', '-p', '{"spec":{"suspend":true}}');
      await eventually(async () => assert.ok(lines().length > before_, text.out), 30_000);
      const [titles = '', ...rows] = lines();
      assert.match(titles, /^NAME /);
      assert.ok(rows.every((row) => row.startsWith('passing   ')));
      await kubectl(...inNamespace, 'delete', 'canary', 'passing', '--wait=false');
      await eventually(async () => assert.equal(text.err, 'canary.flagger.app/passing deleted\n'), 60_000);
      child.kill('SIGINT');
      await once(child, 'exit');
      assert.equal(child.exitCode, 130);
    });

    it('each change is a document of its own in YAML', async () => {
      await apply(canaryOf(namespace, {}, 'documents'));
      const { child, text } = watching('documents', '-o=yaml', ...inNamespace);
      const documents = () => text.out.split('---\n').filter((document) => document.endsWith('\n'));
      await eventually(async () => assert.ok(documents().length > 0), 30_000);
      await kubectl(...inNamespace, 'label', 'canary', 'documents', 'seen=yes');
      await eventually(async () => assert.match(documents().at(-1) ?? '', /^ {4}seen: "yes"$/m), 30_000);
      for (const document of documents()) assert.match(document, /^apiVersion: flagger.app\/v1beta1\nkind: Canary\n/);
      child.kill('SIGINT');
      await once(child, 'exit');
    });

    it('ends with the reason where it may not be watched', async () => {
      await kubectl(...inNamespace, 'create', 'role', 'lister', '--verb=get,list', '--resource=canaries.flagger.app');
      await kubectl(...inNamespace, 'create', 'rolebinding', 'lister', '--role=lister', '--user=lister');
      const { exitCode, stdout, stderr } = await plugin.run(['get', '-w', '-o', 'name', '--as=lister', ...inNamespace]);
      assert.equal(exitCode, 1);
      assert.match(stdout, /^canary.flagger.app\/podinfo\n/m);
      assert.match(stderr, /^Error from server \(Forbidden\): .*cannot watch resource[^\n]*\n$/);
    });
  });
});

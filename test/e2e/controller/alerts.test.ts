// Alerts of a real controller: what receivers in the cluster are sent of releases that go well and of those that do not.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { shortRevision } from '../../../api/revision.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { hookReceiver } from '../hook-receiver.ts';
import { getOk } from '../http.ts';
import type { ReceivedCall } from '../images/hook-receiver.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';
import { eventsOf, initializedCanary, readCanary, untilPhase, untilStatus } from './release.ts';

const SECOND = 'scale.test/second';
const THIRD = 'scale.test/third';
/** A pull that fails: its pods are never ready. */
const NOWHERE = 'nowhere.test/nothing';
const QUICK = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0 };
const TOKEN = 't0k3n-of-a-Secret';
const WORKFLOW = 'workflows/1/triggers/manual/paths/invoke';
/** Where each type sends to, below the canary's own path. */
const PATHS = {
  slack: 'slack',
  discord: 'discord/slack',
  rocket: 'rocket',
  msteams: 'msteams',
  workflow: WORKFLOW,
  gchat: 'gchat',
  webhook: 'webhook',
} as const;
type Receiver = keyof typeof PATHS;
const RECEIVERS = Object.keys(PATHS) as Receiver[];

/** What is the same in every chat. */
interface Expected {
  readonly severity: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts: readonly (readonly [string, string])[];
}

describe('alerts of a release, with pods that are ready at once,', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('alerts');
  const receiver = `http://hooks.${namespace}:8080`;
  let server: Transport;
  before(async () => {
    server = await apiServer();
    await apply(...hookReceiver(namespace), template('well', 'vector(0.5)'), template('bad', 'vector(12.5)'));
    await rolledOut(namespace, 'hooks');
    await eventually(() => getOk(`${receiver}/calls`));
  });
  after(() => server.close());

  const template = (name: string, query: string) => ({
    ...{ apiVersion: 'flagger.app/v1beta1', kind: 'MetricTemplate', metadata: { name, namespace } },
    spec: { provider: { type: 'prometheus', address: 'http://prometheus.monitoring:9090' }, query },
  });
  const metric = (name: string) => ({ name: 'error-rate', templateRef: { name }, thresholdRange: { max: 1 } });
  const provider = (name: string, spec: object) => ({
    ...{ apiVersion: 'flagger.app/v1beta1', kind: 'AlertProvider', metadata: { name, namespace }, spec },
  });
  const change = (name: string, image = SECOND) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);

  const initialized = (name: string, analysis: object, spec: object = {}) =>
    initializedCanary(server, namespace, name, { ...spec, analysis: { ...QUICK, ...analysis } });

  /** Makes a provider of each type for the canary; the Slack one has its address and a token in a Secret. */
  async function providersOf(name: string, severity = 'info'): Promise<readonly object[]> {
    const address = (each: Receiver) => `${receiver}/ok/${name}/${PATHS[each].replace(/^discord.slack$/, 'discord')}`;
    const data = { address: `${address('slack')}\n`, token: `${TOKEN}\n` };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-slack`, namespace },
      stringData: data,
    };
    const specs = RECEIVERS.map((each) => {
      const type = each === 'workflow' ? 'msteams' : each;
      const signed = { channel: 'releases', username: 'release bot' };
      if (each === 'slack') return { type, ...signed, secretRef: { name: `${name}-slack` } };
      return { type, ...(each === 'discord' || each === 'rocket' ? signed : {}), address: address(each) };
    });
    await apply(secret, ...RECEIVERS.map((each, index) => provider(`${name}-${each}`, specs[index] ?? {})));
    return RECEIVERS.map((each) => ({ name: each, severity, providerRef: { name: `${name}-${each}` } }));
  }

  async function callsOn(path: string): Promise<readonly ReceivedCall[]> {
    const calls = JSON.parse(await eventually(() => getOk(`${receiver}/calls`))) as ReceivedCall[];
    return calls.filter((call) => call.path === path);
  }

  function untilCalled(path: string, times: number): Promise<readonly ReceivedCall[]> {
    return eventually(async () => {
      const calls = await callsOn(path);
      assert.ok(calls.length >= times, `${path} was called ${calls.length} times, not ${times}`);
      return calls;
    });
  }

  /** What a receiver got, once it got so many: nothing more comes after these. */
  async function bodiesTo(name: string, each: Receiver, times: number): Promise<readonly string[]> {
    const calls = await untilCalled(`/ok/${name}/${PATHS[each]}`, times);
    for (const { headers, body } of calls) {
      assert.equal(headers['content-type'], 'application/json', each);
      assert.equal(headers['content-length'], String(Buffer.byteLength(body)), each);
      assert.equal(headers['authorization'], each === 'slack' ? `Bearer ${TOKEN}` : undefined, each);
    }
    assert.equal(calls.length, times, calls.map(({ body }) => body).join('\n'));
    return calls.map(({ body }) => body);
  }

  /** The webhook's body but for its time, which is checked and left out. */
  function ofWebhook(body: string): object {
    const { timestamp, ...rest } = JSON.parse(body) as { readonly timestamp: string };
    assert.equal(body, JSON.stringify({ ...rest, timestamp }));
    const age = Date.now() - Date.parse(timestamp);
    assert.ok(Math.abs(age) < 600_000, `${timestamp} is not the time of the alert`);
    return rest;
  }

  async function assertTold(name: string, alerts: readonly Expected[]): Promise<void> {
    for (const each of RECEIVERS.filter((one) => one !== 'webhook')) {
      const expected = alerts.map((alert) => JSON.stringify(bodyFor(each, `${name}.${namespace}`, alert)));
      assert.deepEqual(await bodiesTo(name, each, alerts.length), expected, each);
    }
  }

  it(
    'tell everybody how a good release goes',
    undisturbed('good', async (name) => {
      const title = `${name}.${namespace}`;
      const webhooks = [{ name: 'promotion', type: 'confirm-promotion', url: `${receiver}/gate/${name}` }];
      const alerts = await providersOf(name);
      await initialized(name, { webhooks, metrics: [metric('well')], alerts });
      const { lastPromotedSpec: first = '' } = (await readCanary(server, namespace, name)).status ?? {};
      await change(name);
      await until(name, ({ waitingFor }) => waitingFor?.reason === 'GateClosed', 'at its gate');
      // Asked again and again, and told once.
      await eventually(async () =>
        assert.ok((await callsOn(`/gate/${name}`)).length >= 3, 'the gate is not asked again'),
      );
      await eventually(() => getOk(`${receiver}/open/${name}`));
      const { lastPromotedSpec: second = '', triggeredBy } = await untilPhase(server, namespace, name, 'Succeeded');
      const by = triggeredBy?.username ?? assert.fail('nobody is known to have triggered it');

      const target = ['Target', `Deployment/${title}`] as const;
      const plan = [
        ['Progress deadline', '600s'],
        ['Failed checks threshold', '2'],
        ['Traffic routing', 'weights 50'],
      ] as const;
      const was = [target, ['Revision', shortRevision(first)], ['Image', 'scale.test/nothing']] as const;
      const is = [target, ['Revision', shortRevision(second)], ['Image', SECOND], ['Triggered by', by]] as const;
      const closed = `promotion: http://hooks.${namespace}:8080 answered 403: closed by hand`;
      const texts = {
        initialized: `Canary ${title} is initialized: its primary serves all traffic`,
        begun: `New revision of ${title} detected. The analysis begins`,
        waits: `Canary ${title} is waiting for approval of its promotion (${closed})`,
        promoted: `Promotion of ${title} completed: every check has passed`,
      };
      await assertTold(name, [
        { severity: 'info', message: texts.initialized, facts: [...was, ...plan] },
        { severity: 'info', message: texts.begun, facts: [...is, ...plan] },
        { severity: 'warn', message: texts.waits, facts: is },
        { severity: 'info', message: texts.promoted, facts: is },
      ]);
      const told = (await bodiesTo(name, 'webhook', 4)).map(ofWebhook);
      const whose = { name, namespace };
      const release = { target: `Deployment/${name}`, revision: second, image: SECOND, triggeredBy: by };
      const bootstrap = { target: `Deployment/${name}`, revision: first, image: 'scale.test/nothing' };
      assert.deepEqual(told, [
        { ...whose, phase: 'Initialized', severity: 'info', message: texts.initialized, ...bootstrap },
        { ...whose, phase: 'Progressing', severity: 'info', message: texts.begun, ...release },
        { ...whose, phase: 'WaitingPromotion', severity: 'warn', message: texts.waits, ...release },
        { ...whose, phase: 'Succeeded', severity: 'info', message: texts.promoted, ...release },
      ]);
    }),
  );

  it('have no secret in the log of the controller', async () => {
    const name = 'secretive';
    const address = `${receiver}/nowhere/s3cret-of-a-hook?key=s3cret-of-a-key`;
    const data = { address, token: TOKEN };
    await apply(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: data },
      provider(name, { type: 'slack', secretRef: { name } }),
    );
    await initialized(name, { alerts: [{ name, providerRef: { name } }] });
    const [{ headers } = assert.fail('it was not called')] = await untilCalled('/nowhere/s3cret-of-a-hook', 1);
    assert.equal(headers['authorization'], `Bearer ${TOKEN}`);
    await eventually(async () => {
      const label = 'app.kubernetes.io/name=canary-controller';
      const log = await kubectl('-n', 'kubectl-canary', 'logs', '-l', label, '--tail=-1');
      const lines = log.split('\n').filter((line) => line.includes(`"provider":"${namespace}/${name}"`));
      assert.match(lines.join('\n'), /an alert is dropped: http:\/\/hooks\.[^/]+ answered 404"/);
      assert.doesNotMatch(log, new RegExp(`s3cret-of|${TOKEN}`));
    });
  });

  it(
    'tell of a rollback with value, threshold, revision, image and who triggered it, and only errors who wants those',
    undisturbed('bad', async (name) => {
      const title = `${name}.${namespace}`;
      await initialized(name, { metrics: [metric('bad')], alerts: await providersOf(name, 'error') });
      await change(name);
      const { lastAppliedSpec: revision = '', triggeredBy } = await untilPhase(server, namespace, name, 'Failed');
      const by = triggeredBy?.username ?? assert.fail('nobody is known to have triggered it');
      const why = '2 checks have failed; error-rate 12.5 > 1';
      const message = `Rolling back ${title}: ${why}`;
      const facts = [
        ['Target', `Deployment/${title}`],
        ['Revision', shortRevision(revision)],
        ['Image', SECOND],
        ['Triggered by', by],
        ['Reason', 'ThresholdReached'],
        ['error-rate', 'error-rate 12.5 > 1'],
      ] as const;
      await assertTold(name, [{ severity: 'error', message, facts }]);
      const judged = 'it is 12.5, and has to be at most 1';
      const checks = [{ name: 'error-rate', verdict: 'Fail', value: 12.5, threshold: { max: 1 }, message: judged }];
      assert.deepEqual((await bodiesTo(name, 'webhook', 1)).map(ofWebhook), [
        {
          ...{ name, namespace, phase: 'Failed', severity: 'error', message },
          ...{ target: `Deployment/${name}`, revision, image: SECOND, triggeredBy: by },
          failure: { reason: 'ThresholdReached', message: why, checks },
        },
      ]);
    }),
  );

  it(
    'tell of a deadline what was waited for and how long',
    undisturbed('late', async (name) => {
      const title = `${name}.${namespace}`;
      await initialized(name, { alerts: await providersOf(name, 'error') }, { progressDeadlineSeconds: 5 });
      await change(name, NOWHERE);
      const {
        lastAppliedSpec: revision = '',
        triggeredBy,
        failure,
      } = await untilPhase(server, namespace, name, 'Failed');
      const by = triggeredBy?.username ?? assert.fail('nobody is known to have triggered it');
      const why = failure?.message ?? '';
      assert.match(why, new RegExp(`^${title} rollout made no progress in 5s: `));
      const message = `Rolling back ${title}: ${why}`;
      const facts = [
        ['Target', `Deployment/${title}`],
        ['Revision', shortRevision(revision)],
        ['Image', NOWHERE],
        ['Triggered by', by],
        ['Reason', 'CanaryDeadlineExceeded'],
        ['Progress deadline', '5s'],
        ['available pods', 'available pods 0 < 1'],
      ] as const;
      await assertTold(name, [{ severity: 'error', message, facts }]);
      const checks = [{ name: 'available pods', verdict: 'Fail', value: 0, threshold: { min: 1 } }];
      assert.deepEqual((await bodiesTo(name, 'webhook', 1)).map(ofWebhook), [
        {
          ...{ name, namespace, phase: 'Failed', severity: 'error', message },
          ...{ target: `Deployment/${name}`, revision, image: NOWHERE, triggeredBy: by },
          failure: { reason: 'CanaryDeadlineExceeded', message: why, deadlineSeconds: 5, checks },
        },
      ]);
    }),
  );

  const messagesOf = (calls: readonly ReceivedCall[]) =>
    calls.map(({ body }) => (JSON.parse(body) as { readonly message: string }).message);

  it(
    'are tried until they are taken, one after the other',
    undisturbed('flaky', async (name) => {
      const path = `/flaky/${name}`;
      await apply(provider(name, { type: 'webhook', address: receiver + path }));
      await initialized(name, { alerts: [{ name, providerRef: { name } }] });
      await change(name);
      await untilPhase(server, namespace, name, 'Succeeded');
      const calls = await untilCalled(path, 5);
      const [first, second, third, ...rest] = calls;
      assert.deepEqual(
        calls.map(({ status }) => status),
        [503, 503, 200, 200, 200],
      );
      assert.deepEqual([second?.body, third?.body], [first?.body, first?.body]);
      const [one, two, three] = messagesOf(third === undefined ? [] : [third, ...rest]);
      assert.match(one ?? '', /is initialized/);
      assert.match(two ?? '', /^New revision/);
      assert.match(three ?? '', /^Promotion of/);
    }),
  );

  it(
    'hold nothing up where nobody answers',
    undisturbed('slow', async (name) => {
      const address = (path: string) => `${receiver}/${path}/${name}-alerts`;
      await apply(
        provider(name, { type: 'webhook', address: address('slow') }),
        provider(`${name}-beside`, { type: 'webhook', address: address('ok') }),
      );
      const alerts = [name, `${name}-beside`].map((each) => ({ name: each, providerRef: { name: each } }));
      await initialized(name, { alerts });
      await change(name);
      await untilPhase(server, namespace, name, 'Succeeded');
      await change(name, THIRD);
      await until(name, ({ history = [], phase }) => history.length === 2 && phase === 'Succeeded', 'promoted again');
      const told = messagesOf(await untilCalled(`/ok/${name}-alerts`, 5));
      const starts = ['Canary', 'New revision', 'Promotion', 'New revision', 'Promotion'];
      assert.deepEqual(
        told.map((text, index) => text.startsWith(starts[index] ?? '?')),
        starts.map(() => true),
        told.join('\n'),
      );
      // It is still at the first of them, which the receiver does not answer in time.
      const slow = await eventually(async () => {
        const calls = await callsOn(`/slow/${name}-alerts`);
        assert.ok(
          calls.some(({ wasBrokenOff }) => wasBrokenOff),
          'no call was given up',
        );
        return calls;
      });
      assert.deepEqual(new Set(messagesOf(slow)), new Set(told.slice(0, 1)));
    }),
  );

  it(
    'without a provider go nowhere, which is said once, and the canary is released',
    undisturbed('lonely', async (name) => {
      await initialized(name, { alerts: [{ name: 'nobody', providerRef: { name: 'nobody' } }] });
      await change(name);
      const { conditions = [] } = await untilPhase(server, namespace, name, 'Succeeded');
      assert.equal(conditions.find(({ type }) => type === 'Ready')?.status, 'True');
      const text = `Alerts of ${name}.${namespace} go nowhere: there is no AlertProvider ${namespace}/nobody`;
      await eventually(async () => {
        const said = (await eventsOf(namespace, name)).filter((each) => each === text);
        assert.equal(said.length, 1, 'it is not said once');
      });
    }),
  );
});

/**
 * An alert that is under way when the controller is killed is lost, and tests beside this one may kill it: what has failed while
 * another began to lead is asked once more, of a canary of its own.
 */
function undisturbed(name: string, ask: (name: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const leader = () =>
      kubectl(
        '-n',
        'kubectl-canary',
        'get',
        'lease',
        'kubectl-canary-controller',
        '-o',
        'jsonpath={.spec.holderIdentity}',
      );
    for (let count = 1; ; count++) {
      const leading = await leader();
      try {
        await ask(count === 1 ? name : `${name}-${count}`);
        return;
      } catch (error) {
        if (count === MAX_DISTURBED || (await leader()) === leading) throw error;
        console.log(`# ${name} is asked again, as another controller has begun to lead`);
      }
    }
  };
}

const MAX_DISTURBED = 4;

const entities = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const backslashes = (marks: RegExp) => (text: string) => text.replace(marks, '\\$&');

/** What each chat is to be sent, in the bytes of its own format. */
function bodyFor(each: Receiver, title: string, { severity, message, facts }: Expected): object {
  const pick = (info: string, warn: string, error: string) => ({ info, warn, error })[severity];
  const attachment = (color: string, escape: (text: string) => string) => ({
    ...{ channel: 'releases', username: 'release bot' },
    attachments: [
      {
        ...{ fallback: escape(message), color, author_name: title, text: escape(message), mrkdwn_in: [] },
        fields: facts.map(([name, value]) => ({
          title: escape(name),
          value: escape(value),
          short: value.length <= 40,
        })),
      },
    ],
  });
  const hex = pick('#36a64f', '#daa038', '#d50200');
  switch (each) {
    case 'slack':
      return attachment(pick('good', 'warning', 'danger'), entities);
    case 'discord':
      return attachment(hex, backslashes(/[\\*_~`|<>@#[\]]/g));
    case 'rocket':
      return attachment(hex, backslashes(/[*_~`#]/g));
    case 'msteams':
      return {
        ...{ '@type': 'MessageCard', '@context': 'http://schema.org/extensions' },
        ...{ themeColor: pick('0076D7', 'DAA038', 'FF0000'), summary: entities(`${title}: ${message}`) },
        sections: [
          {
            ...{ activityTitle: entities(message), activitySubtitle: title },
            facts: facts.map(([name, value]) => ({ name, value: entities(value) })),
            markdown: false,
          },
        ],
      };
    case 'workflow': {
      const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more });
      const block = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines });
      const color = pick('Good', 'Warning', 'Attention');
      const content = {
        ...{ $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4' },
        msteams: { width: 'Full' },
        body: [
          block(run(title, { isSubtle: true })),
          block(run(message, { weight: 'Bolder', color })),
          ...facts.map(([name, value]) => ({
            ...block(run(`${name}: `, { weight: 'Bolder' }), run(value)),
            spacing: 'Small',
          })),
        ],
      };
      const contentType = 'application/vnd.microsoft.card.adaptive';
      return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
    }
    case 'gchat': {
      const paragraph = (text: string) => ({ textParagraph: { text } });
      const color = pick('#36a64f', '#b7791f', '#d50200');
      const widgets = [
        paragraph(`<font color="${color}">${entities(message)}</font>`),
        ...facts.map(([name, value]) => paragraph(`<b>${name}</b>: ${entities(value)}`)),
      ];
      const card = { header: { title, subtitle: severity }, sections: [{ widgets }] };
      return { cardsV2: [{ cardId: 'alert', card }] };
    }
    case 'webhook':
      return assert.fail('its body has a time, and is compared by itself');
  }
}

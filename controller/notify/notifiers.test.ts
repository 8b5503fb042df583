// What each receiver is sent, to the byte, by a real call.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import { schemas } from '../../api/generated/schemas.ts';
import { systemClock } from '../../kube/clock.ts';
import { startLoopbackServer } from '../../kube/transport/loopback-server.ts';
import { httpCall } from '../http-call.ts';
import type { Alert } from './alert.ts';
import { alert, REVISION, rollback } from './alert-fixture.ts';
import { notifierOf } from './notifiers.ts';
import { sendAlert } from './send-alert.ts';

const TYPES: readonly AlertProviderSpec['type'][] = ['discord', 'gchat', 'msteams', 'rocket', 'slack', 'webhook'];
const WORKFLOW = '/workflows/0a1b/triggers/manual/paths/invoke?api-version=1&sig=s3cret';
/** Marks of all markups, a mention in each chat's form, a link, and what would end a line. */
const NASTY = '<!channel> <b>&amp; *a* _b_ ~c~ `d` [e](http://x.test) <http://x.test|y> @here #1\n\u202e"q" \\';

async function sent(t: TestContext, spec: Partial<AlertProviderSpec>, told: Alert, path = '/hook/a', token?: string) {
  const server = await startLoopbackServer((_request, response) => response.end('ok'), { scheme: 'http' });
  t.after(() => server.close());
  const whole = { type: 'slack', address: server.url + path, ...spec } as AlertProviderSpec;
  const receiver = {
    ...({ key: 'test/chat', severity: 'info' } as const),
    provider: () => ({ namespace: 'test', spec: whole, token }),
  };
  const signal = new AbortController().signal;
  const secret = () => Promise.resolve(undefined);
  const result = await sendAlert(told, receiver, { call: httpCall, secret, clock: systemClock, signal });
  assert.deepEqual(result, { kind: 'sent' });
  const [arrived = assert.fail('nothing has arrived')] = server.requests;
  assert.equal(server.requests.length, 1);
  assert.equal(arrived.method, 'POST');
  assert.equal(arrived.headers['content-type'], 'application/json');
  assert.equal(arrived.headers['content-length'], String(Buffer.byteLength(arrived.body)));
  return arrived;
}

describe('notifiers', () => {
  it('are those of the definition', () => {
    const { enum: types = [] } = schemas.AlertProvider.properties?.['spec']?.properties?.['type'] ?? {};
    assert.deepEqual(types, TYPES);
    for (const type of TYPES) assert.equal(notifierOf(type)?.type, type);
  });

  it('send Slack a message with an attachment, as text and not as markup', async (t) => {
    const spec = { type: 'slack', channel: 'releases', username: 'release bot' } as const;
    const { body, url, headers } = await sent(t, spec, rollback());
    assert.deepEqual([url, headers['authorization']], ['/hook/a', undefined]);
    const message = 'Rolling back podinfo.test: 5 checks have failed; success rate 69.17% &lt; 99%';
    assert.equal(
      body,
      '{"channel":"releases","username":"release bot","attachments":[{' +
        `"fallback":"${message}","color":"danger","author_name":"podinfo.test","text":"${message}","mrkdwn_in":[],` +
        '"fields":[{"title":"Target","value":"Deployment/podinfo.test","short":true},' +
        '{"title":"Revision","value":"d1e5b66036","short":true},' +
        '{"title":"Image","value":"ghcr.io/podinfo:6.9.0","short":true},' +
        '{"title":"Triggered by","value":"jane@example.com","short":true},' +
        '{"title":"Reason","value":"ThresholdReached","short":true},' +
        '{"title":"request-success-rate","value":"success rate 69.17% &lt; 99%","short":true},' +
        '{"title":"smoke","value":"external check smoke failed: http://smoke.test gave no answer","short":false}]}]}',
    );
  });

  it('send Slack’s Web API a token, and signs with a name always', async (t) => {
    const { body, headers } = await sent(t, {}, alert({ severity: 'warn' }), '/api/chat.postMessage', 'xoxb-1');
    assert.equal(headers['authorization'], 'Bearer xoxb-1');
    assert.match(body, /^\{"username":"flagger","attachments":\[\{"fallback":"New [^"]*","color":"warning",/);
  });

  it('send Slack what begins, with its plan', async (t) => {
    const { body } = await sent(t, {}, alert({ cluster: 'blue' }));
    assert.equal(
      body,
      '{"username":"flagger","attachments":[{"fallback":"New revision of podinfo.test detected. The analysis begins",' +
        '"color":"good","author_name":"podinfo.test","text":"New revision of podinfo.test detected. The analysis begins",' +
        '"mrkdwn_in":[],"fields":[{"title":"Cluster","value":"blue","short":true},' +
        '{"title":"Target","value":"Deployment/podinfo.test","short":true},' +
        '{"title":"Revision","value":"d1e5b66036","short":true},' +
        '{"title":"Image","value":"ghcr.io/podinfo:6.9.0","short":true},' +
        '{"title":"Triggered by","value":"jane@example.com","short":true},' +
        '{"title":"Progress deadline","value":"60s","short":true},' +
        '{"title":"Failed checks threshold","value":"5","short":true},' +
        '{"title":"Traffic routing","value":"weights 10, 20, 30","short":true}]}]}',
    );
  });

  for (const [given, path] of [
    ['/api/webhooks/1/x', '/api/webhooks/1/x/slack'],
    ['/api/webhooks/1/x/', '/api/webhooks/1/x/slack'],
    ['/api/webhooks/1/x/slack?wait=true', '/api/webhooks/1/x/slack?wait=true'],
  ] as const) {
    it(`send Discord a message of Slack’s at ${path}`, async (t) => {
      const { body, url } = await sent(t, { type: 'discord' }, rollback({ triggeredBy: 'a_b', images: [] }), given);
      assert.equal(url, path);
      const message = 'Rolling back podinfo.test: 5 checks have failed; success rate 69.17% \\\\< 99%';
      assert.equal(
        body,
        `{"username":"flagger","attachments":[{"fallback":"${message}","color":"#d50200",` +
          `"author_name":"podinfo.test","text":"${message}","mrkdwn_in":[],` +
          '"fields":[{"title":"Target","value":"Deployment/podinfo.test","short":true},' +
          '{"title":"Revision","value":"d1e5b66036","short":true},' +
          '{"title":"Triggered by","value":"a\\\\_b","short":true},' +
          '{"title":"Reason","value":"ThresholdReached","short":true},' +
          '{"title":"request-success-rate","value":"success rate 69.17% \\\\< 99%","short":true},' +
          '{"title":"smoke","value":"external check smoke failed: http://smoke.test gave no answer","short":false}]}]}',
      );
    });
  }

  it('send Rocket.Chat the same with its marks', async (t) => {
    const { body, url } = await sent(
      t,
      { type: 'rocket', channel: '#ops' },
      alert({ message: 'a_b', severity: 'warn' }),
    );
    assert.equal(url, '/hook/a');
    assert.ok(
      body.startsWith(
        '{"channel":"#ops","username":"flagger","attachments":[{"fallback":"a\\\\_b","color":"#daa038",' +
          '"author_name":"podinfo.test","text":"a\\\\_b","mrkdwn_in":[],"fields":[{"title":"Target",',
      ),
      body,
    );
  });

  it('send a connector of Teams a MessageCard', async (t) => {
    const { body } = await sent(t, { type: 'msteams' }, rollback({ triggeredBy: '<i>' }));
    const message = 'Rolling back podinfo.test: 5 checks have failed; success rate 69.17% &lt; 99%';
    assert.equal(
      body,
      '{"@type":"MessageCard","@context":"http://schema.org/extensions","themeColor":"FF0000",' +
        `"summary":"podinfo.test: ${message}","sections":[{"activityTitle":"${message}","activitySubtitle":"podinfo.test",` +
        '"facts":[{"name":"Target","value":"Deployment/podinfo.test"},{"name":"Revision","value":"d1e5b66036"},' +
        '{"name":"Image","value":"ghcr.io/podinfo:6.9.0"},{"name":"Triggered by","value":"&lt;i&gt;"},' +
        '{"name":"Reason","value":"ThresholdReached"},' +
        '{"name":"request-success-rate","value":"success rate 69.17% &lt; 99%"},' +
        '{"name":"smoke","value":"external check smoke failed: http://smoke.test gave no answer"}],"markdown":false}]}',
    );
  });

  it('send a workflow of Teams an Adaptive Card', async (t) => {
    const { body, url } = await sent(t, { type: 'msteams' }, rollback({ images: [] }), WORKFLOW);
    assert.equal(url, WORKFLOW);
    const fact = (title: string, value: string) =>
      `{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"${title}: ","weight":"Bolder"},` +
      `{"type":"TextRun","text":"${value}"}],"spacing":"Small"}`;
    assert.equal(
      body,
      '{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,' +
        '"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4",' +
        '"msteams":{"width":"Full"},"body":[' +
        '{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"podinfo.test","isSubtle":true}]},' +
        '{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Rolling back podinfo.test: 5 checks have failed; ' +
        'success rate 69.17% < 99%","weight":"Bolder","color":"Attention"}]},' +
        [
          fact('Target', 'Deployment/podinfo.test'),
          fact('Revision', 'd1e5b66036'),
          fact('Triggered by', 'jane@example.com'),
          fact('Reason', 'ThresholdReached'),
          fact('request-success-rate', 'success rate 69.17% < 99%'),
          fact('smoke', 'external check smoke failed: http://smoke.test gave no answer'),
        ].join(',') +
        ']}}]}',
    );
  });

  it('know a workflow of Teams by its address', () => {
    const isWorkflow = (address: string) =>
      JSON.stringify(notifierOf('msteams')?.payload(alert(), { address }).body).includes('AdaptiveCard');
    const workflows = [
      'https://prod-12.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=y',
      'https://default0.6d.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/x?sig=y',
      'https://api.powerautomate.com/webhook/x',
      'https://logic.some.gov/workflows/x/triggers/manual/paths/invoke',
    ];
    const cards = [
      'https://tenant.webhook.office.com/webhookb2/x/IncomingWebhook/y/z',
      'https://outlook.office.com/webhook/x',
      'http://prometheus-msteams.monitoring:2000/alerts',
      'https://evil-logic.azure.com.test/x',
    ];
    assert.deepEqual(workflows.filter(isWorkflow), workflows);
    assert.deepEqual(cards.filter(isWorkflow), []);
  });

  it('send Google Chat a card', async (t) => {
    const { body } = await sent(t, { type: 'gchat' }, rollback(), '/v1/spaces/a/messages?key=k&token=t');
    const widget = (text: string) => `{"textParagraph":{"text":"${text}"}}`;
    assert.equal(
      body,
      '{"cardsV2":[{"cardId":"alert","card":{"header":{"title":"podinfo.test","subtitle":"error"},"sections":[{"widgets":[' +
        [
          '<font color=\\"#d50200\\">Rolling back podinfo.test: 5 checks have failed; success rate 69.17% &lt; 99%</font>',
          '<b>Target</b>: Deployment/podinfo.test',
          '<b>Revision</b>: d1e5b66036',
          '<b>Image</b>: ghcr.io/podinfo:6.9.0',
          '<b>Triggered by</b>: jane@example.com',
          '<b>Reason</b>: ThresholdReached',
          '<b>request-success-rate</b>: success rate 69.17% &lt; 99%',
          '<b>smoke</b>: external check smoke failed: http://smoke.test gave no answer',
        ]
          .map(widget)
          .join(',') +
        ']}]}}]}',
    );
  });

  it('send a receiver of one’s own all that is known, with its token', async (t) => {
    const { body, headers } = await sent(t, { type: 'webhook' }, rollback({ cluster: 'blue' }), '/a', 't0k3n');
    assert.equal(headers['authorization'], 'Bearer t0k3n');
    assert.equal(
      body,
      '{"name":"podinfo","namespace":"test","cluster":"blue","phase":"Failed","severity":"error",' +
        '"message":"Rolling back podinfo.test: 5 checks have failed; success rate 69.17% < 99%","target":"Deployment/podinfo",' +
        `"revision":"${REVISION}","image":"ghcr.io/podinfo:6.9.0","triggeredBy":"jane@example.com",` +
        '"failure":{"reason":"ThresholdReached","message":"5 checks have failed; success rate 69.17% < 99%","checks":[' +
        '{"name":"request-success-rate","verdict":"Fail","value":69.1666,"threshold":{"min":99}},' +
        '{"name":"smoke","verdict":"Error","message":"http://smoke.test gave no answer"}]},' +
        '"timestamp":"2026-11-21T10:00:00.123Z"}',
    );
    const { body: less } = await sent(t, { type: 'webhook' }, alert({ images: ['a:1', 'b:2'] }));
    assert.equal(
      less,
      '{"name":"podinfo","namespace":"test","phase":"Progressing","severity":"info",' +
        '"message":"New revision of podinfo.test detected. The analysis begins","target":"Deployment/podinfo",' +
        `"revision":"${REVISION}","image":"a:1, b:2","triggeredBy":"jane@example.com","timestamp":"2026-11-21T10:00:00.123Z"}`,
    );
  });

  it('leave no text as markup, nor as more than a line', () => {
    const address = 'https://chat.test/a';
    const told = rollback({ message: NASTY, triggeredBy: NASTY });
    const shown = (type: AlertProviderSpec['type'], at = address) =>
      JSON.stringify(notifierOf(type)?.payload(told, { address: at }).body);
    for (const type of TYPES) assert.doesNotMatch(shown(type), /\\n|\u202e/, type);
    for (const type of ['slack', 'gchat', 'msteams'] as const) {
      assert.match(shown(type), /&lt;!channel&gt; &lt;b&gt;&amp;amp; \*a\* _b_/, type);
      assert.doesNotMatch(shown(type), /<(!channel|http)/, type);
    }
    const doubled = String.raw`\\<!channel\\> \\<b\\>&amp; \\*a\\* \\_b\\_ \\~c\\~ \\`;
    assert.ok(shown('discord').includes(doubled), shown('discord'));
    assert.doesNotMatch(shown('discord'), /[^\\](@here|<http)/);
    assert.match(shown('rocket'), /\[e\] \(http:\/\/x\.test\) < http:\/\/x\.test\|y>/);
  });

  it('stay within what each chat takes, whatever the texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3000 }),
      fc.constantFrom('&', '_', '"', '🐤', 'ä').map((each) => each.repeat(3000)),
    );
    const long = fc.constantFrom('&', '_', '"', '🐤', 'ä', 'a').map((each) => each.repeat(1000));
    const check = fc.record({ name: long, message: long });
    const alerts = fc.record({
      message: text,
      user: text,
      image: text,
      checks: fc.array(check, { maxLength: 64, size: 'max' }),
    });
    fc.assert(
      fc.property(alerts, fc.constantFrom(...TYPES), fc.boolean(), ({ message, user, image, checks }, type, isFlow) => {
        const failed = checks.map((each) => ({ ...each, kind: 'Metric', verdict: 'NoData' }) as const);
        const failure = { reason: 'ThresholdReached', message, checks: failed };
        const told = rollback({ message, triggeredBy: user, images: [image, image], failure });
        const address = `https://chat.test${isFlow ? WORKFLOW : '/a'}`;
        const body = notifierOf(type)?.payload(told, { address }).body ?? {};
        const size = Buffer.byteLength(JSON.stringify(body));
        if (type === 'webhook') return size < 1_000_000;
        if (type === 'discord') assert.ok(embedSize(body) <= 6000, `${embedSize(body)} characters`);
        assert.ok(size < 28_000, `${size} bytes for ${type}`);
        return true;
      }),
      { numRuns: 100 },
    );
  });
});

/** Characters that Discord counts of what it makes of an attachment. */
function embedSize(body: object): number {
  const { attachments } = body as {
    attachments: { author_name: string; text: string; fields: { title: string; value: string }[] }[];
  };
  return attachments.reduce((sum, { author_name: author, text, fields }) => {
    const ofFields = fields.map(({ title, value }) => {
      assert.ok(title.length <= 256 && value.length <= 1024, 'a field is too long');
      return title.length + value.length;
    });
    return sum + author.length + text.length + ofFields.reduce((one, other) => one + other, 0);
  }, 0);
}

// Values of templateVariables in the queries that a real Prometheus reads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queryLanguageOf } from '../../../api/query-language.ts';
import { parseQueryTemplate, renderQuery } from '../../../api/query-template.ts';
import { queryPrometheus } from '../prometheus.ts';

const TEMPLATE = 'count(up{job="{{ variables.job }}"}) or vector(0)';
/** A matcher that takes an expression. */
const MATCHER = TEMPLATE.replace('="', '=~"');
const none = { name: '', namespace: '', target: '', service: '', ingress: '', route: '', interval: '1m' };
const rendered = (job: string, template = TEMPLATE) =>
  renderQuery(parseQueryTemplate(template), none, { job }, queryLanguageOf('prometheus'));

describe('a value of templateVariables', () => {
  it('asks for nothing but itself, where its raw text would read the series of others', async () => {
    const attack = 'none"}) or count(up{job!="';
    assert.ok((await queryPrometheus(TEMPLATE.replace('{{ variables.job }}', attack))) > 0);
    assert.equal(await queryPrometheus(rendered(attack)), 0);
  });

  it('still is the expression that a matcher takes', async () => {
    assert.ok((await queryPrometheus(rendered('.+', MATCHER))) > 0);
    assert.ok((await queryPrometheus(rendered(String.raw`\\w.*|a\\.b`, MATCHER))) > 0);
  });

  it('reads as the text that it is, whatever signs it has', async () => {
    const text = 'label_replace(vector(1), "x", "{{ variables.job }}", "", "")';
    for (const value of ['a"b', 'a\\', "a'b", 'a\nb', '`', '#', '日本', '{{ }}']) {
      assert.equal(await queryPrometheus(rendered(value, text)), 1, value);
    }
  });
});

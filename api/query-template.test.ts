import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ownVariables, parseQueryTemplate, QueryTemplateError, renderQuery } from './query-template.ts';

const values = {
  name: 'podinfo',
  namespace: 'test',
  target: 'podinfo-target',
  service: 'podinfo-service',
  ingress: 'podinfo-ingress',
  route: 'podinfo-route',
  interval: '1m',
};
const render = (query: string, own: Record<string, string> = {}) => renderQuery(parseQueryTemplate(query), values, own);

describe('parseQueryTemplate()', () => {
  it('fills in what is known of the canary', () => {
    const query = 'rate(x{namespace="{{ namespace }}",pod=~"{{target}}-.*"}[{{ interval }}])';
    assert.equal(render(query), 'rate(x{namespace="test",pod=~"podinfo-target-.*"}[1m])');
    assert.equal(
      render('{{ name }}{{ service }}{{ ingress }}{{ route }}'),
      'podinfopodinfo-servicepodinfo-ingresspodinfo-route',
    );
  });

  it('fills in variables of its own, in each way to write them', () => {
    const own = { direction: 'inbound', 'with-dash': 'x' };
    assert.equal(render('{{ variables.direction }}', own), 'inbound');
    assert.equal(render('{{ (variables).direction }}', own), 'inbound');
    assert.equal(render('{{ index variables "with-dash" }}', own), 'x');
    assert.deepEqual(ownVariables(parseQueryTemplate('{{ variables.a }}{{ variables.b }}{{ variables.a }}')), [
      'a',
      'b',
    ]);
    assert.throws(() => render('{{ variables.other }}', own), /templateVariables has no other/);
    assert.throws(() => render('{{ variables.toString }}'), /templateVariables has no toString/);
  });

  it('trims where it is told to, and passes comments over', () => {
    assert.equal(render('a \n {{- name -}} \n b'), 'apodinfob');
    assert.equal(render('a {{/* of {{ the }} canary */}}{{ name }}'), 'a podinfo');
  });

  it('leaves braces alone that are no action', () => {
    assert.equal(render('x{a="b"} } {'), 'x{a="b"} } {');
    assert.equal(render(''), '');
  });

  it('says where it does not parse, and what can be written', () => {
    for (const [query, message] of [
      ['a\n  {{ name', 'line 2, column 3: write }} where this {{ is to end'],
      ['{{ }}', 'line 1, column 1: write the name of a variable between {{ and }}'],
      [
        '{{ pod }}',
        'line 1, column 1: {{ pod }} is none of name, namespace, target, service, ingress, route, interval, variables.NAME',
      ],
    ] as const) {
      assert.throws(() => parseQueryTemplate(query), new QueryTemplateError(message));
    }
    for (const query of ['{{ if name }}a{{ end }}', '{{ .Name }}', '{{ name | printf "%s" }}', '{{ variables }}']) {
      assert.throws(() => parseQueryTemplate(query), QueryTemplateError, query);
    }
  });

  it('gives text without actions back as it is, and ends for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        if (!text.includes('{{')) assert.equal(render(text), text);
      }),
    );
    const pieces = fc.constantFrom('{{', '}}', '-', ' ', 'name', '/*', '*/', 'variables.', '"', '\n', 'x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (words) => {
        try {
          parseQueryTemplate(words.join(''));
        } catch (error) {
          assert.ok(error instanceof QueryTemplateError);
        }
      }),
    );
  });
});

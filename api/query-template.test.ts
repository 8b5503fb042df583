import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { queryLanguageOf } from './query-language.ts';
import {
  LONGEST_QUERY,
  ownVariables,
  parseQueryTemplate,
  QueryTemplateError,
  renderQuery,
  wrongValues,
} from './query-template.ts';

const values = {
  name: 'podinfo',
  namespace: 'test',
  target: 'podinfo-target',
  service: 'podinfo-service',
  ingress: 'podinfo-ingress',
  route: 'podinfo-route',
  interval: '1m',
};
const promQl = queryLanguageOf('prometheus');
const render = (query: string, own: Record<string, string> = {}, language = promQl) =>
  renderQuery(parseQueryTemplate(query), values, own, language);

/** How actions were found before, in n³ steps: right, and too slow for a query of thousands of characters. */
const ACTION = /\{\{(-\s)?\s*(\/\*[\s\S]*?\*\/|[\s\S]*?)\s*(\s-)?\}\}/y;

/** The query without its actions, each of which is `<its body>`; `undefined` where one has no end. */
function actionsTheSlowWay(query: string): string | undefined {
  let [text, position, trimNext] = ['', 0, false];
  for (let start = query.indexOf('{{'); start !== -1; start = query.indexOf('{{', position)) {
    ACTION.lastIndex = start;
    const match = ACTION.exec(query);
    if (match === null) return undefined;
    let before = query.slice(position, start);
    if (trimNext) before = before.trimStart();
    text += (match[1] === undefined ? before : before.trimEnd()) + (match[2] === 'name' ? '<name>' : '');
    if (match[2] !== 'name' && !match[2]!.startsWith('/*')) return undefined;
    position = start + match[0].length;
    trimNext = match[3] !== undefined;
  }
  return text + (trimNext ? query.slice(position).trimStart() : query.slice(position));
}

describe('parseQueryTemplate()', () => {
  it('fills in what is known of the canary', () => {
    const query = 'rate(x{namespace="{{ namespace }}",pod=~"{{target}}-.*"}[{{ interval }}])';
    assert.equal(render(query), 'rate(x{namespace="test",pod=~"podinfo-target-.*"}[1m])');
    assert.equal(
      render('"{{ name }}{{ service }}{{ ingress }}{{ route }}"'),
      '"podinfopodinfo-servicepodinfo-ingresspodinfo-route"',
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

  it('finds the actions that it found before', () => {
    const pieces = fc.constantFrom(...['{{', '}}', '{', '}', '-', ' ', '\n', '\u00a0', 'name', '/*', '*/', '/', 'x']);
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (words) => {
        const query = words.join('');
        const expected = actionsTheSlowWay(query);
        const parts = readOrRefuse(query);
        const found = parts?.map((part) => (part.kind === 'text' ? part.text : `<${part.name}>`)).join('');
        assert.equal(found, expected, JSON.stringify(query));
      }),
      { numRuns: 5000 },
    );
  });

  it('takes time in proportion to the length, whatever the query', () => {
    const repeated = (text: string, length: number) => text.repeat(length / text.length);
    for (const text of [
      '{{',
      '{{ ',
      '{{/*',
      '{{/*}}',
      '*/',
      '*/ -',
      '{{/**/',
      '\n',
      '{{name}}\n',
      '}}',
      ' ',
      '- ',
      '{{-',
    ]) {
      for (const [before, after] of [
        ['', ''],
        ['{{', ''],
        ['{{/*', ''],
        ['{{', '}}'],
        ['{{/*', '*/ x'],
      ] as const) {
        const ms = (length: number) => {
          const query = before + repeated(text, length - before.length - after.length) + after;
          const times = Array.from({ length: 5 }, () => {
            const start = performance.now();
            readOrRefuse(query);
            return performance.now() - start;
          });
          return Math.min(...times);
        };
        const isSlow = () => {
          const long = ms(LONGEST_QUERY);
          return long > 1 && long > 24 * ms(LONGEST_QUERY / 8);
        };
        // Eight times the length takes 8 times as long, and 64 with n². What was slow once may have been interrupted.
        assert.ok(!isSlow() || !isSlow() || !isSlow(), `${before} ${text} ${after} takes more than linear time`);
      }
    }
  });

  it('reads no query that is longer than a definition allows', () => {
    const query = 'x'.repeat(LONGEST_QUERY + 1);
    assert.throws(() => parseQueryTemplate(query), new QueryTemplateError('has 16385 characters: write at most 16384'));
    assert.equal(render('x'.repeat(LONGEST_QUERY)).length, LONGEST_QUERY);
  });
});

describe('a value in a query of Prometheus', () => {
  const query = 'sum(rate(x{path=~"{{ variables.path }}"}[1m]))';

  it('stays within its quotes, whatever it is', () => {
    const own = { path: '"}[1m])) or sum(revenue{tenant="other' };
    assert.equal(render(query, own), String.raw`sum(rate(x{path=~"\"}[1m])) or sum(revenue{tenant=\"other"}[1m]))`);
    assert.equal(render(`x{a='{{ variables.a }}'}`, { a: `'"\n` }), String.raw`x{a='\'"\n'}`);
    assert.equal(render(query, { path: 'a\\' }), String.raw`sum(rate(x{path=~"a\\"}[1m]))`);
  });

  it('never ends the text that it is in', () => {
    const pieces = fc.constantFrom(
      ...['"', "'", '\\', '\n', 'x', 'n', '1', '"}', '\\"', 'x41', 'u00e9', '`', '#', '{{'],
    );
    const literal = { '"': /^"(?:[^"\\\n]|\\.)*"$/su, "'": /^'(?:[^'\\\n]|\\.)*'$/su } as const;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.constantFrom('"', "'"), (words, quote) => {
        const rendered = render(`${quote}{{ variables.a }}${quote}`, { a: words.join('') });
        assert.match(rendered, literal[quote]);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the escapes that it has, as manifests for Flagger have to have them', () => {
    for (const path of [String.raw`/v1/\\d+`, String.raw`a\"b`, String.raw`\x41\u00e9\101\n`, '4..|5..']) {
      assert.equal(
        render(query, { path }),
        query.replace('{{ variables.path }}', () => path),
      );
    }
    assert.equal(render(query, { path: String.raw`\d\x4` }), String.raw`sum(rate(x{path=~"\\d\\x4"}[1m]))`);
  });

  it('is a name, a number or a duration outside of quotes', () => {
    const outside = 'sum(rate({{ variables.x }}[{{ interval }}]))';
    for (const x of ['http_requests_total', 'job:requests:rate5m', '-1.5e-3', '90', '1m30s', '']) {
      assert.equal(render(outside, { x }), `sum(rate(${x}[1m]))`);
    }
    for (const x of ['x) or (y', 'a b', '{x="y"}', 'podinfo-canary', '1 - 1', 'é', '\n', '#']) {
      assert.throws(
        () => render(outside, { x }),
        /^QueryTemplateError: line 1, column 10: variables.x is ".+": write a name, a number/,
      );
    }
    assert.throws(() => render('{{ target }}_total'), /line 1, column 1: target is "podinfo-target": write a name/);
    assert.throws(() => render('x{a="\n"} + {{ variables.x }}', { x: '+' }), /^QueryTemplateError: line 2, column 6: /);
  });

  it('is told by its place: after quotes, in a comment, between backticks, behind a backslash', () => {
    const own = { x: 'a b' };
    for (const text of ['x{a="}"} + X', `x{a='"'} + X`, 'x{a="\\""} + X', 'x{a=`\\`} + X', '# "\n X', `"a" == 'b' X`]) {
      assert.throws(() => render(text.replace('X', '{{ variables.x }}'), own), /write a name, a number/, text);
    }
    for (const text of ['x{a="} + X"', `x{a="'X"}`, 'x{a="\\"X"}', 'x{a=`X`}', 'x # "X', `x{a='"X'}`]) {
      assert.equal(render(text.replace('X', '{{ variables.x }}'), own), text.replace('X', 'a b'));
    }
    assert.throws(() => render('x{a=`{{ variables.x }}`}', { x: '`} or y{a=`' }), /write it without `/);
    assert.throws(
      () => render('x # {{ variables.x }}', { x: 'a\n or y' }),
      /write it on one line, as it stands in a comment/,
    );
    assert.throws(() => render('x{a="\\{{ variables.x }}"}', own), /write the variable elsewhere in the query/);
  });

  it('is judged without a canary, as long as it is one of templateVariables', () => {
    const parts = parseQueryTemplate(
      '{{ target }} {{ variables.a }} "{{ variables.b }}" {{ variables.c }}{{ variables.a }}',
    );
    assert.deepEqual(wrongValues(parts, { a: 'ok', b: '"' }, promQl), []);
    const wrong = wrongValues(parts, { a: '(', c: ')' }, promQl);
    assert.deepEqual(
      wrong.map((message) => message.slice(0, 50)),
      [
        'line 1, column 14: variables.a is "(": write a nam',
        'line 1, column 52: variables.c is ")": write a nam',
        'line 1, column 69: variables.a is "(": write a nam',
      ],
    );
  });

  it('is a plain word where the language of the provider is not known', () => {
    const other = queryLanguageOf('datadog');
    assert.equal(render('avg:x{a:{{ variables.a }}}', { a: 'b-1.c_d' }, other), 'avg:x{a:b-1.c_d}');
    assert.throws(() => render('avg:x{a:{{ variables.a }}}', { a: 'b}' }, other), /write letters, digits/);
  });
});

function readOrRefuse(query: string) {
  try {
    return parseQueryTemplate(query);
  } catch (error) {
    assert.ok(error instanceof QueryTemplateError);
    return undefined;
  }
}

// What kubectl printed for the same templates on the same object: `kubectl annotate --local -f FILE a=b -o jsonpath=TEMPLATE`.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonPathOf } from './json-path.ts';
import { JsonPathError } from './json-path-error.ts';

const OBJECT = {
  kind: 'Canary',
  metadata: {
    name: 'podinfo',
    namespace: 'test',
    labels: { b: '2', a: '<1>' },
    annotations: { 'flagger.app/x': 'y' },
  },
  spec: {
    items: [
      { n: 'a', v: 1 },
      { n: 'b', v: 2.5 },
      { n: 'c', t: true },
    ],
    empty: [],
    small: 0.00005,
    big: 123456789,
  },
};

const PRINTED: Readonly<Record<string, string>> = {
  '': '',
  '.metadata.name': '.metadata.name',
  '{.metadata.name} of {.kind}': 'podinfo of Canary',
  '{ .metadata.name }': 'podinfo',
  '{@.kind}{$.kind}': 'CanaryCanary',
  '{.none.x}|{.spec.empty[*]}|{.metadata.name.x}|{.spec.items.n}': '|||',
  '{.metadata.labels}': '{"a":"\\u003c1\\u003e","b":"2"}',
  "{.metadata.annotations.flagger\\.app/x}{.metadata.annotations['flagger\\.app/x']}": 'yy',
  "{.metadata['name','namespace']}": 'podinfo test',
  '{.spec.small} {.spec.big}': '5e-05 123456789',
  '{.spec.items[*].n} {.spec.items.*.n}': 'a b c a b c',
  '{.spec.items[0:2].n} {.spec.items[-1].n} {.spec.items[-2:].n} {.spec.items[::2].n}': 'a b c b c a c',
  '{.spec.items[:-1].n} {.spec.items[1:1]} {.spec.items[0,2].n}': 'a b  a c',
  '{..n} {.spec..n}': 'a b c a b c',
  '{.spec.items[?(@.n=="b")]}': '{"n":"b","v":2.5}',
  '{.spec.items[?(@.n==\'a\')].v} {.spec.items[?( @.n != "b" )].n}': '1 a c',
  '{.spec.items[?(@.t)].n} {.spec.items[?(@.t==true)].n}': 'c c',
  '{.spec.items[?(@.n=="a)")].n}': '',
  '{range .spec.items[*]}{.n}={.v}{"\\n"}{end}!': 'a=1\nb=2.5\nc=\n!',
  '{range .spec.items[*]}{.n}{"\\n"}': 'a\nb\nc\n\n',
  '{range .spec.items[*]}[{range .metadata}{.x}{end}]{end}': '[][][]',
  '{.metadata.name}{range .spec.none[*]}x{end}y': 'podinfoy',
  '{1}{true}{"x"} {1.5} {-5}{+5}': '1truex 1.5 -55',
  '{\'it\\\'s\'}{"\\x41\\u00e9\\101\\t"}a{"}"}b': "it'sAéA\ta}b",
};

const REFUSED: Readonly<Record<string, string>> = {
  '{.metadata': 'unclosed action',
  '{"x': 'unterminated quoted string',
  '{"\\q"}': 'invalid syntax',
  '{.spec.items[': 'unterminated array',
  '{.spec.items[*]["n"]}': 'invalid array index "n"',
  '{.spec.items[?(@.n=="b"].n}': 'unterminated filter',
  '{....n}': 'invalid multiple recursive descent',
  '{.a,b}': 'unrecognized character in action: ","',
  '{.spec.items[7]}': 'array index out of bounds: index 7, length 3',
  '{.spec.empty[0]}': 'array index out of bounds: index 0, length 0',
  '{.spec.items[2:1]}': 'starting index 2 is greater than ending index 1',
  '{.spec.items[0:3:-1]}': 'step must be > 0',
  '{.metadata.name[0]}': 'string is not array or slice',
  '{.spec[?(@.x)]}': 'map is not array or slice and cannot be filtered',
  '{.spec.items[?(@.v==1)].n}': 'incompatible types for comparison',
  '{.spec.items[?(@.t>@.t)].n}': 'invalid type for comparison',
  '{foo}': 'unrecognized identifier foo',
  '{end}': 'not in range, nothing to end',
};

describe('a template of -o jsonpath', () => {
  for (const [template, text] of Object.entries(PRINTED)) {
    it(`prints ${JSON.stringify(text)} for ${template}`, () => {
      assert.equal(jsonPathOf(template).text(OBJECT), text);
    });
  }

  for (const [template, message] of Object.entries(REFUSED)) {
    it(`is refused with "${message}" for ${template}`, () => {
      assert.throws(() => jsonPathOf(template).text(OBJECT), new JsonPathError(message));
    });
  }

  it('finds nothing in the prototype', () => {
    assert.equal(jsonPathOf('{.constructor}{.metadata.toString}{.spec.items.length}').text(OBJECT), '');
  });

  it('of any text either prints or is refused with a reason', () => {
    const piece = fc.constantFrom(
      ...'{ } [ ] ( ) ? @ $ . , : * " \' \\ = < > ! - + 0 1 n a range end .items .. [?('.split(' '),
      ' ',
      '\n',
    );
    const template = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(template, fc.json({ maxDepth: 3 }), (text, json) => {
        try {
          assert.equal(typeof jsonPathOf(text).text(JSON.parse(json)), 'string');
        } catch (error) {
          assert.ok(error instanceof JsonPathError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

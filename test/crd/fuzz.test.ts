// Whatever is put in front of it, validation answers: no crash, no hang, and nothing but findings that can be shown.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canaryWarnings } from '../../api/canary-warnings.ts';
import type { Cluster } from '../../api/cluster/cluster.ts';
import { validateInCluster } from '../../api/cluster/validate-in-cluster.ts';
import { withDefaults } from '../../api/defaults.ts';
import { type Kind, schemas } from '../../api/generated/schemas.ts';
import { validate } from '../../api/validate.ts';
import { rightManifests } from './right.ts';

const KINDS = Object.keys(schemas) as readonly Kind[];

/** What tends to be in the way where something else was expected. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>('', 0, -1, 2 ** 53, 1e308, true, null, [], {}, [[]], [null], '__proto__', 'x'.repeat(5000)),
  fc.constant(JSON.parse('{"__proto__": 1, "constructor": {}, "a/b": {"~": [0]}}')),
);

describe('validate', () => {
  it('answers any JSON, for each kind', () => {
    fc.assert(fc.property(fc.constantFrom(...KINDS), odd, (kind, object) => isAnswer(validate(kind, object))));
  });

  it('answers a right manifest with any one part replaced', () => {
    const one = fc.constantFrom(...rightManifests);
    fc.assert(
      fc.property(one, fc.nat(), odd, ({ manifest }, place, value) => {
        const broken = withPartReplaced(manifest, place, value);
        const findings = validate(manifest.kind, broken);
        isAnswer(findings);
        // What is right then can be looked at for warnings.
        if (findings.length === 0 && manifest.kind === 'Canary') {
          isAnswer(canaryWarnings.flatMap((rule) => [...rule(withDefaults('Canary', broken) as never)]));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('validateInCluster', () => {
  it('answers a right manifest with any one part replaced, beside others that are as odd', () => {
    const broken = fc.tuple(fc.constantFrom(...rightManifests), fc.nat(), odd).map(([{ manifest }, place, value]) => ({
      kind: manifest.kind,
      object: withPartReplaced(manifest, place, value),
    }));
    fc.assert(
      fc.property(broken, fc.array(broken, { maxLength: 5 }), ({ kind, object }, others) => {
        const stored = (wanted: Kind): unknown[] =>
          others.filter((other) => other.kind === wanted).map((other) => storable(other.object));
        const cluster = {
          ...{ defaultProvider: 'istio', scrapeIntervalMs: 15_000, missing: [] },
          canaries: stored('Canary'),
          templates: stored('MetricTemplate'),
        };
        const { errors, warnings } = validateInCluster(kind, object, cluster as unknown as Cluster);
        isAnswer([...errors, ...warnings]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What an API server has stored has a name and a spec at least, whichever definition it was let in by. */
function storable(object: unknown): unknown {
  const { metadata, spec } = (typeof object === 'object' && object !== null ? object : {}) as Record<string, unknown>;
  const named = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata : { name: 'odd' };
  return { metadata: named, spec: typeof spec === 'object' && spec !== null ? spec : {} };
}

function isAnswer(findings: readonly { path: string; message: string }[]): void {
  for (const { path, message } of findings) {
    assert.equal(typeof path, 'string');
    assert.match(message, /^\S(.*\S)?$/su);
  }
}

/** The object with the part of that number (counted over all that are in it) replaced. */
function withPartReplaced(object: unknown, place: number, value: unknown): unknown {
  const copy: unknown = structuredClone(object);
  const parts: (readonly [Record<string, unknown>, string])[] = [];
  const collect = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return;
    for (const [name, below] of Object.entries(part)) {
      parts.push([part as Record<string, unknown>, name]);
      collect(below);
    }
  };
  collect(copy);
  const [parent, name] = parts[place % parts.length]!;
  parent[name] = value;
  return copy;
}

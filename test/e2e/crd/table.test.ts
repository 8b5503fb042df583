// The manifests of test/crd against an API server that has the definitions and nothing else of ours. test/crd/table.test.ts
// has them against the rules in TypeScript, with the same paths.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withDefaults } from '../../../api/defaults.ts';
import { KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { examples, rightManifests } from '../../crd/right.ts';
import type { Wrong } from '../../crd/wrong.ts';
import { wrongInACluster } from '../../crd/wrong-in-a-cluster.ts';
import { wrongManifests } from '../../crd/wrong-manifests.ts';
import { apiServer } from '../api-server.ts';
import { testNamespace } from '../namespace.ts';
import { dryRun } from './dry-run.ts';
import { definitionsInstalled } from './installed.ts';

const right = [...rightManifests, ...(await examples())];

describe('an API server with the definitions', () => {
  const namespace = testNamespace('definitions');
  definitionsInstalled();
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  for (const wrong of wrongManifests) {
    it(`refuses a ${wrong.manifest.kind}: ${wrong.why}`, async () => {
      const error = await dryRun(server, namespace, wrong.manifest).then(
        () => assert.fail('it was accepted'),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof KubeError && (error.status === 422 || error.status === 400), String(error));
      assert.match(error.message, expected(wrong));
    });
  }

  for (const { what, manifest } of right) {
    it(`accepts a ${manifest.kind}: ${what}`, async () => {
      const { spec } = await dryRun(server, namespace, manifest);
      assert.deepEqual(spec, (withDefaults(manifest.kind, manifest) as typeof manifest).spec);
    });
  }

  for (const { why, manifest } of wrongInACluster) {
    it(`cannot know of a ${manifest.kind}: ${why}`, async () => void (await dryRun(server, namespace, manifest)));
  }
});

/** How the API server words it: the path before the kind of error, and our words where they are ours. */
function expected({ path, says, by }: Wrong): RegExp {
  const text = (literal: string) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  if (by === 'strict') return new RegExp(`unknown field "${text(path)}"`);
  const words = by === 'rule' ? `.*${text(says)}` : '';
  return new RegExp(`[ [:]${text(path)}: (Invalid|Required|Unsupported|Duplicate|Too)\\b${words}`, 's');
}

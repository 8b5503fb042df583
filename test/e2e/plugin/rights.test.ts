// What the roles of every cluster let people do with releases, once ours are added to them.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

const SEES = ['get canaries', 'watch canaries', 'list canaryactions', 'get metrictemplates'] as const;
const SEES_CANARIES = SEES.filter((what) => !what.includes('template'));
const ASKS = ['create canaryactions'] as const;
const PROMOTES = ['promote canaries'] as const;
const APPROVES = ['approve canaries'] as const;
const OVERRIDES = ['promote-past-gates canaries', 'change-primary canaries'] as const;
const DECIDES = [...ASKS, ...PROMOTES, ...APPROVES] as const;
const CHANGES = ['create canaries', 'patch canaries', 'delete canaryactions', 'update alertproviders'] as const;
const NOBODY = ['patch canaries/status', 'patch canaryactions', 'update canaryactions/status'] as const;
const ALL = [...SEES, ...DECIDES, ...OVERRIDES, ...CHANGES, ...NOBODY] as const;

describe('a person', { concurrency: true, skip: sandboxOnly('it needs kubectl-canary installed') }, () => {
  const namespace = testNamespace('rights');
  const ROLES = {
    view: SEES,
    'kubectl-canary-approver': [...SEES_CANARIES, ...ASKS, ...APPROVES],
    'kubectl-canary-promoter': [...SEES_CANARIES, ...ASKS, ...PROMOTES],
    'kubectl-canary-overrider': [...SEES_CANARIES, ...ASKS, ...PROMOTES, ...OVERRIDES],
    edit: [...SEES, ...DECIDES, ...CHANGES],
    admin: [...SEES, ...DECIDES, ...OVERRIDES, ...CHANGES],
  } as const;
  before(async () => {
    for (const role of Object.keys(ROLES)) {
      await kubectl('-n', namespace, 'create', 'rolebinding', role, `--clusterrole=${role}`, `--user=of-${role}`);
    }
  });

  for (const [role, rights] of Object.entries(ROLES)) {
    it(`with the role ${role} may do no more and no less with releases`, () =>
      eventually(async () => assert.deepEqual(await allowed(`of-${role}`), rights)));
  }

  async function allowed(user: string): Promise<readonly string[]> {
    const asked = await Promise.all(ALL.map((what) => canI(user, what)));
    return ALL.filter((_, index) => asked[index]);
  }

  async function canI(user: string, what: string): Promise<boolean> {
    const [verb = '', resource = ''] = what.split(' ');
    const [kind = '', subresource] = resource.split('/');
    const { stdout } = await execa(
      'kubectl',
      [
        ...['auth', 'can-i', verb, `${kind}.flagger.app`, '-n', namespace, `--as=${user}`],
        ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
      ],
      { reject: false, timeout: 60_000 },
    );
    return stdout.trim() === 'yes';
  }
});

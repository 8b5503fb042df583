import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../../api/generated/canary-action.ts';
import { CANARIES, CANARY_ACTIONS } from '../../../api/resources.ts';
import { collectionPath, objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../../e2e/eventually.ts';
import type { Chronicle } from './chronicle.ts';
import { createRevisions, type Member, type Revisions } from './member.ts';
import { persistently, unlessItIsSo } from './persistently.ts';

/** How often each is drawn, of all together. */
const WEIGHTS = {
  good: 40,
  bad: 10,
  revert: 8,
  config: 8,
  scale: 5,
  pause: 6,
  resume: 5,
  promote: 6,
  'promote fully': 2,
  abort: 5,
  retry: 4,
  suspend: 3,
  recreate: 2,
} as const;
type What = keyof typeof WEIGHTS;

export interface Move {
  /** The first of the fleet from there on that it suits. */
  readonly from: number;
  readonly what: What;
  /** Before the next one, as a share of the mean. */
  readonly pause: number;
  /** How long it lasts, where it is something that lasts. */
  readonly holdMs: number;
}

const moves: fc.Arbitrary<Move> = fc.record({
  from: fc.nat(1_000_000),
  what: fc.oneof(
    ...Object.entries(WEIGHTS).map(([what, weight]) => ({ weight, arbitrary: fc.constant(what as What) })),
  ),
  pause: fc.integer({ min: 0, max: 200 }).map((percent) => percent / 100),
  holdMs: fc.integer({ min: 3000, max: 15_000 }),
});

export function movesOf(seed: number, count: number): readonly Move[] {
  return fc.sample(moves, { seed, numRuns: count, unbiased: true });
}

/** A canary that is deleted is gone some ten seconds later, or once its target has not come up in time. */
const GONE_MS = 240_000;
const INITIALIZED_MS = 300_000;
const RUNNING: readonly CanaryStatus['phase'][] = ['Progressing', 'Waiting', 'WaitingPromotion', 'Promoting'];

export interface Player {
  /** Begins a move; false where it suits no canary now. */
  play(move: Move): boolean;
  act(member: Member, spec: Pick<CanaryActionSpec, 'action'> & Partial<CanaryActionSpec>): Promise<void>;
  readonly revisions: Revisions;
  /** Resolves when nothing that was begun is under way; what could not be done. */
  done(): Promise<readonly string[]>;
}

export function createPlayer(transport: Transport, fleet: readonly Member[], chronicle: Chronicle): Player {
  const revisions = createRevisions(transport, (ask) => chronicle.asked(ask));
  /** By what; a canary that is suspended may be asked for other things meanwhile. */
  const busy = new Map<string, Move>();
  const release = (key: string, move: Move) => void (busy.get(key) === move && busy.delete(key));
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  let actions = 0;

  const statusOf = ({ key }: Member) => chronicle.canary(key)?.status ?? {};

  function suits(member: Member, what: What): boolean {
    if (busy.has(member.key)) return false;
    const { phase, ending, paused, lastPromotedSpec } = statusOf(member);
    const isRunning = RUNNING.includes(phase) && ending === undefined;
    switch (what) {
      case 'good':
      case 'bad':
      case 'suspend':
      case 'recreate':
        return true;
      case 'scale':
        return !member.isAutoscaled && !member.isServed;
      case 'revert':
        return lastPromotedSpec !== undefined && (isRunning || phase === 'Failed');
      case 'config':
        return member.isConfigured;
      case 'pause':
      case 'promote':
      case 'promote fully':
      case 'abort':
        return isRunning;
      case 'resume':
        return paused !== undefined;
      case 'retry':
        return phase === 'Failed';
    }
  }

  async function perform(member: Member, move: Move): Promise<void> {
    const { what } = move;
    const { namespace, lastPromotedSpec = '' } = { ...member, ...statusOf(member) };
    switch (what) {
      case 'good':
      case 'bad':
        return revisions.change(member, what);
      case 'revert':
        return void (await revisions.revert(member, lastPromotedSpec));
      case 'config':
        return revisions.configure(member);
      case 'scale':
        return unlessItIsSo(revisions.scalePrimary(member));
      case 'promote fully':
        return act(member, { action: 'promote', full: true });
      case 'pause':
      case 'resume':
      case 'promote':
      case 'abort':
      case 'retry':
        return act(member, { action: what });
      case 'suspend':
        return suspend(member, move);
      case 'recreate':
        return recreate(member, namespace);
    }
  }

  async function act(member: Member, spec: Parameters<Player['act']>[1]): Promise<void> {
    const { key, namespace, name: canary } = member;
    const { lastAppliedSpec: revision } = statusOf(member);
    if (revision === undefined) return;
    const name = `${canary}-${++actions}`;
    const atMs = Date.now();
    const body = {
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name, namespace } },
      spec: { canary, revision, reason: 'the soak', ...spec },
    };
    chronicle.acted({ key, name, action: spec.action, atMs });
    await unlessItIsSo(
      persistently(transport, { method: 'POST', path: collectionPath(CANARY_ACTIONS, namespace), body }),
    );
  }

  async function suspend(member: Member, move: Move): Promise<void> {
    const fromMs = Date.now();
    await revisions.patchCanary(member, { suspend: true });
    release(member.key, move);
    await sleep(move.holdMs);
    // It may have been deleted, and made anew, since.
    await unlessItIsSo(revisions.patchCanary(member, { suspend: false }));
    chronicle.held(member.key, fromMs);
  }

  async function recreate(member: Member, namespace: string): Promise<void> {
    const fromMs = Date.now();
    const path = objectPath(CANARIES, member);
    await persistently(transport, { method: 'DELETE', path });
    const isThere = () => chronicle.canary(member.key) !== undefined;
    const becomes = (wanted: () => boolean, what: string, withinMs: number) =>
      eventually(async () => {
        if (!wanted()) throw new Error(`${member.key} is not ${what}: ${JSON.stringify(chronicle.canary(member.key))}`);
      }, withinMs);
    await becomes(() => !isThere(), 'gone', GONE_MS);
    const collection = collectionPath(CANARIES, namespace);
    await unlessItIsSo(persistently(transport, { method: 'POST', path: collection, body: member.manifest }));
    const isInitialized = () => !['', 'Initializing', undefined].includes(statusOf(member).phase);
    await becomes(isInitialized, 'initialized', INITIALIZED_MS);
    chronicle.held(member.key, fromMs);
  }

  return {
    play(move) {
      const start = move.from % fleet.length;
      const member = [...fleet.slice(start), ...fleet.slice(0, start)].find((each) => suits(each, move.what));
      if (member === undefined) return false;
      busy.set(member.key, move);
      const one = perform(member, move)
        .catch((error: unknown) => void failures.push(`${member.key}: ${move.what}: ${String(error)}`))
        .finally(() => {
          release(member.key, move);
          underWay.delete(one);
        });
      underWay.add(one);
      return true;
    },
    act,
    revisions,
    async done() {
      while (underWay.size > 0) await Promise.all(underWay);
      return failures;
    },
  };
}

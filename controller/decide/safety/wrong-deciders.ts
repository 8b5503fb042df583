import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { isOfTemplate } from '../../../api/revision.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { Observation } from '../observation.ts';
import type { Decide } from '../pretend-release.ts';
import { changed } from '../status.ts';
import { answer } from './schedule.ts';

/** A decision in which the status wants another weight. */
function weighing(decision: Decision, weight: (now: number) => number): Decision {
  if (decision.kind !== 'move') return decision;
  const { desiredWeight = 0 } = decision.status;
  const wanted = weight(desiredWeight);
  return { ...decision, status: changed(decision.status, { desiredWeight: wanted, canaryWeight: wanted }) };
}

/** A decision that forgets a field of the status. */
function without(decision: Decision, field: keyof CanaryStatus): Decision {
  return decision.kind === 'act' ? decision : { ...decision, status: changed(decision.status, { [field]: undefined }) };
}

const isRunning = ({ phase, ending }: CanaryStatus) => phase === 'Progressing' && ending === undefined;
const statusOf = ({ canary: { status = {} } }: Pick<Observation, 'canary'>) => status;

/** The canary with another status. */
function withStatus(seen: Observation, change: Parameters<typeof changed>[1]): Observation['canary'] {
  return { ...seen.canary, status: changed(statusOf(seen), change) };
}

type Said = Observation['answers'][string];

/** The same with other answers of hooks. */
function hearing(seen: Observation, heard: (question: string, said: Said) => readonly [string, Said]): Observation {
  const answers = Object.entries(seen.answers).map(([question, said]) => heard(question, said));
  return { ...seen, answers: Object.fromEntries<Said>(answers) };
}

/** Takes it that the pods of a target which it sees for the first time have read what they would read now. */
export const trustsPodsItFinds: Decide = (seen, now) => {
  const { target } = seen;
  const { target: before, trackedConfigs } = statusOf(seen);
  if (target === undefined || target.unread !== undefined || before?.uid === target.uid) return decide(seen, now);
  const { uid, generation, revision, configs } = target;
  const change = { target: { uid, generation, revision }, trackedConfigs: trackedConfigs ?? configs };
  return decide({ ...seen, canary: withStatus(seen, change) }, now);
};

/** Ways to be wrong, and the rule by which each is found out. */
export const WRONG_DECIDERS: readonly (readonly [title: string, rule: RegExp, decider: Decide, seed?: number])[] = [
  [
    'promotes without a check',
    /rule 1: promoted without a check|hooks: promoted before/,
    (seen, now) => {
      const decision = decide(seen, now);
      const isDue = decision.kind === 'act' && decision.effect.kind === 'measure';
      if (!isDue) return decision;
      return { kind: 'move', status: changed(statusOf(seen), { phase: 'Promoting' }), notes: [] };
    },
  ],
  [
    'leaves out the last step',
    /rule 1: (a step was not passed|not every step)/,
    (seen, now) => {
      const decision = decide(seen, now);
      const status = statusOf(seen);
      const isLast = isRunning(status) && (status.step ?? 0) > 1 && status.step === status.steps;
      if (!isLast || decision.kind !== 'act' || decision.effect.kind !== 'measure') return decision;
      return { kind: 'move', status: changed(status, { phase: 'Promoting' }), notes: [] };
    },
  ],
  [
    'takes a check that failed for one that passed',
    /rule 1: (a step was not passed|promoted without a check)/,
    ({ measured, ...seen }, now) =>
      decide(
        {
          ...seen,
          ...(measured && {
            measured:
              typeof measured === 'string' ? measured : measured.map((each) => ({ ...each, verdict: 'Pass' as const })),
          }),
        },
        now,
      ),
  ],
  [
    'promotes what the target is at by then',
    /rule 1: the primary gets what has not earned it|was never kept/,
    (seen, now) => {
      const { phase, ending, lastAppliedSpec, lastPromotedSpec } = statusOf(seen);
      const revision = seen.target?.revision;
      const isNew = revision !== lastPromotedSpec && revision !== lastAppliedSpec;
      if (phase !== 'Promoting' || ending !== undefined || revision === undefined || !isNew) return decide(seen, now);
      return { kind: 'act', effect: { kind: 'set primary', revision } };
    },
  ],
  [
    'gives the primary a revision that has failed',
    /rule 1: the primary gets what has not earned it/,
    (seen, now) => {
      const decision = decide(seen, now);
      const { ending, lastAppliedSpec } = statusOf(seen);
      const isFailed = ending?.reason === 'ThresholdReached' && seen.primary?.revision !== lastAppliedSpec;
      if (!isFailed || lastAppliedSpec === undefined) return decision;
      return { kind: 'act', effect: { kind: 'set primary', revision: lastAppliedSpec } };
    },
  ],
  [
    'makes a deleted primary of the target as it stands',
    /rule 1: the primary gets what has not earned it/,
    (seen, now) => {
      const decision = decide(seen, now);
      const isMaking = decision.kind === 'act' && decision.effect.kind === 'create primary';
      return isMaking ? { kind: 'act', effect: { kind: 'create primary' } } : decision;
    },
  ],
  [
    'mends the Services before it takes traffic off the canary',
    /rule 2: (something else goes before taking traffic off the canary|traffic stays on)/,
    (seen, now) => {
      const isMended = seen.services.backends && seen.services.apex;
      const isHeld = seen.canary.spec.suspend === true || seen.refusals.length > 0;
      if (isMended || isHeld || statusOf(seen).lastPromotedSpec === undefined) return decide(seen, now);
      return { kind: 'act', effect: { kind: 'apply services', apex: true } };
    },
  ],
  [
    'does not wait for the canary',
    /rule 2: more traffic/,
    (seen, now) => {
      const { target } = seen;
      if (target === undefined || !isRunning(statusOf(seen))) return decide(seen, now);
      const { replicas, generation } = target;
      const well = { observedGeneration: generation, updatedReplicas: replicas, statusReplicas: replicas };
      return decide({ ...seen, target: { ...target, ...well, availableReplicas: replicas } }, now);
    },
  ],
  [
    'does not wait until a gateway can find the canary',
    /rule 2: more traffic for a canary that no gateway can find/,
    ({ target, ...seen }, now) => {
      if (target === undefined) return decide({ ...seen, target }, now);
      const { endpoints: _endpoints, ...facts } = target;
      return decide({ ...seen, target: facts }, now);
    },
  ],
  [
    'does not see that all pods of the canary are gone',
    /rule 2: traffic stays on a canary without a pod/,
    ({ target, ...seen }, now) => {
      const { desiredWeight = 0 } = statusOf(seen);
      if (target === undefined || desiredWeight === 0) return decide({ ...seen, target }, now);
      const availableReplicas = Math.max(1, target.availableReplicas);
      return decide({ ...seen, target: { ...target, availableReplicas } }, now);
    },
  ],
  [
    'takes a part of the traffic back where a check fails',
    /rule 2: from \d+ to \d+ in the midst of a run/,
    (seen, now) => {
      const decision = decide(seen, now);
      const { measured = [] } = seen;
      const isHalt = typeof measured !== 'string' && measured.some(({ verdict }) => verdict === 'Fail');
      return isHalt ? weighing(decision, (weight) => Math.max(0, weight - 1)) : decision;
    },
  ],
  [
    'scales down before the traffic has left',
    /rule 3: scaled down while/,
    (seen, now) => {
      const decision = decide(seen, now);
      const isLeaving =
        statusOf(seen).ending !== undefined && decision.kind === 'act' && decision.effect.kind === 'route';
      return isLeaving ? { kind: 'act', effect: { kind: 'scale target', replicas: 0 } } : decision;
    },
  ],
  [
    'does not wait for the gateway',
    /rule 3: scaled down while the gateway sends it traffic/,
    (seen, now) => decide({ ...seen, route: { ...seen.route, acceptance: 'accepted' } }, now),
  ],
  [
    'does not wait for the last requests',
    /rule 3: scaled down \d+ ms after its last request/,
    (seen, now) => decide({ ...seen, analysis: { ...seen.analysis, drainSeconds: 0 } }, now),
  ],
  [
    'does not see another revision in a run',
    /rule [124]: (traffic stays on a revision that is not of the run|more traffic for another|another revision is promoted)/,
    (seen, now) => {
      const { lastAppliedSpec: revision } = statusOf(seen);
      if (seen.target === undefined || revision === undefined || !isRunning(statusOf(seen))) return decide(seen, now);
      return decide({ ...seen, target: { ...seen.target, revision } }, now);
    },
  ],
  [
    'does not see that configuration has changed',
    /rule [124]: (traffic stays on a revision that is not of the run|more traffic for|another revision is promoted)/,
    (seen, now) => {
      const { lastAppliedSpec: revision, trackedConfigs = {} } = statusOf(seen);
      const { target } = seen;
      const isOfRun = revision !== undefined && target !== undefined && isOfTemplate(revision, target.templateRevision);
      if (!isOfRun || !isRunning(statusOf(seen))) return decide(seen, now);
      return decide({ ...seen, target: { ...target, revision, configs: trackedConfigs } }, now);
    },
  ],
  [
    'leaves pods as they are when configuration changes',
    /rule 2: more traffic for pods with other configuration/,
    (seen, now) => {
      const status = changed(statusOf(seen), { stalePods: undefined });
      return decide({ ...seen, canary: { ...seen.canary, status } }, now);
    },
  ],
  [
    'takes configuration that cannot be read for unchanged',
    /rule [12]: (more traffic for|another revision is promoted)/,
    ({ target, ...seen }, now) => {
      const { unread: _, ...known } = target ?? {};
      if (target?.revision !== statusOf(seen).target?.revision) return decide({ ...seen, target }, now);
      const configs = statusOf(seen).trackedConfigs ?? {};
      return decide({ ...seen, target: target && ({ ...known, configs } as typeof target) }, now);
    },
    4,
  ],
  [
    'starts nothing after a failure',
    /rule 4: (a revision was swallowed|the revision is promoted|it does not come to rest)/,
    (seen, now) => {
      const { phase, lastAppliedSpec: revision, failure } = statusOf(seen);
      const hasFailed = phase === 'Failed' && failure?.reason !== 'TargetMissing';
      if (seen.target === undefined || revision === undefined || !hasFailed) return decide(seen, now);
      // Nor does it take it for one that is read otherwise.
      const canary = { ...seen.canary, status: changed(statusOf(seen), { target: undefined }) };
      return decide({ ...seen, canary, target: { ...seen.target, revision } }, now);
    },
  ],
  [
    'takes what came during a promotion for promoted',
    /rule [14]: (what is said to be promoted|a revision was swallowed|the primary has not|the primary gets)/,
    (seen, now) => {
      const decision = decide(seen, now);
      const isOver = statusOf(seen).ending?.result === 'Succeeded' && decision.kind === 'move';
      if (!isOver || seen.target === undefined) return decision;
      return { ...decision, status: changed(decision.status, { lastPromotedSpec: seen.target.revision }) };
    },
  ],
  [
    'takes a gate that has not answered for an open one',
    /hooks: (scaled up|promoted|more traffic) before/,
    (seen, now) =>
      decide(
        hearing(seen, (question, said) => [question, said === 'under way' ? [] : said]),
        now,
      ),
  ],
  [
    'takes a closed gate for an open one',
    /hooks: (scaled up|promoted|more traffic) before/,
    (seen, now) => {
      const isClosed = (question: string, said: Said) => said !== 'under way' && question.startsWith('confirm-');
      return decide(
        hearing(seen, (question, said) => [question, isClosed(question, said) ? answer('gate', 'Pass') : said]),
        now,
      );
    },
  ],
  [
    'takes the answer about another run for this one',
    /hooks: (scaled up|promoted|more traffic) before/,
    (seen, now) => {
      const { lastAppliedSpec, startedAt } = statusOf(seen);
      const ofThisRun = (question: string) => {
        const [moment, , , ...rest] = question.split(' ');
        return [moment, lastAppliedSpec, startedAt, ...rest].join(' ');
      };
      const { answers } = hearing(seen, (question, said) => [ofThisRun(question), said]);
      return decide({ ...seen, answers: { ...answers, ...seen.answers } }, now);
    },
  ],
  [
    'carries an action out twice',
    /actions: one is decided on twice|round in a circle/,
    (seen, now) => decide({ ...seen, canary: withStatus(seen, { decisions: undefined }) }, now),
  ],
  [
    'carries out what was asked of another revision',
    /actions: one is carried out on a revision that it does not name/,
    (seen, now) => {
      const { lastAppliedSpec: revision = '' } = statusOf(seen);
      return decide({ ...seen, actions: seen.actions.map((action) => ({ ...action, revision })) }, now);
    },
  ],
  [
    'answers otherwise than it has decided',
    /actions: the answer is not what was decided/,
    (seen, now) => {
      const decision = decide(seen, now);
      if (decision.kind !== 'act' || decision.effect.kind !== 'answer action') return decision;
      const { answer: decided } = decision.effect;
      const result = decided.result === 'Done' ? 'Rejected' : 'Done';
      return { kind: 'act', effect: { kind: 'answer action', answer: { ...decided, result } } };
    },
  ],
  [
    'leaves what was asked without an answer',
    /actions: one is left without an answer/,
    (seen, now) => decide({ ...seen, actions: seen.actions.filter(({ action }) => action !== 'retry') }, now),
  ],
  [
    'does not see that it is paused',
    /actions: (nobody asked to change paused|more traffic while it is paused|measured while it is paused|scaled up while)/,
    (seen, now) => decide({ ...seen, canary: withStatus(seen, { paused: undefined }) }, now),
  ],
  [
    'goes through gates that nobody has approved',
    /hooks: (scaled up|promoted|more traffic) before [a-z-]+ is approved/,
    (seen, now) => {
      const { webhooks = [] } = seen.analysis;
      return decide(
        { ...seen, analysis: { ...seen.analysis, webhooks: webhooks.filter(({ url }) => url !== undefined) } },
        now,
      );
    },
  ],
  [
    'takes an approval over to the next release',
    /hooks: (scaled up|promoted|more traffic) before|actions: nobody asked to change approvals/,
    (seen, now) => {
      const decision = decide(seen, now);
      const { approvals, startedAt } = statusOf(seen);
      if (decision.kind !== 'move' || decision.status.startedAt === startedAt) return decision;
      return { ...decision, status: changed(decision.status, { approvals }) };
    },
    12,
  ],
  [
    'answers people before it takes traffic off a canary that is gone',
    /rule [24]: (traffic stays on|something else goes before)/,
    (seen, now) => {
      const [first] = seen.actions;
      const { decisions = [] } = statusOf(seen);
      const decided = decisions.find(({ uid }) => uid === first?.uid);
      if (decided === undefined) return decide(seen, now);
      return { kind: 'act', effect: { kind: 'answer action', answer: decided } };
    },
  ],
  [
    'does not hold the primary while it shares its traffic',
    /rule 6: (traffic is given away|all traffic comes back|pods of the primary go)/,
    (seen, now) => {
      const decision = decide(seen, now);
      // A first primary is as large as the target that it takes the place of.
      return statusOf(seen).lastPromotedSpec === undefined ? decision : without(decision, 'primaryReplicas');
    },
  ],
  [
    'does not tell the autoscaler',
    /rule 6: (traffic is given away|all traffic comes back|pods of the primary go)/,
    ({ autoscaler, ...seen }, now) => {
      const isTrue = autoscaler?.isTrue === true || isRunning(statusOf(seen));
      return decide({ ...seen, ...(autoscaler && { autoscaler: { ...autoscaler, isTrue } }) }, now);
    },
  ],
  [
    'lets the primary go with the last weight',
    /rule 6: pods of the primary go/,
    (seen, now) => {
      const decision = decide(seen, now);
      if (decision.kind === 'act' || decision.status.primaryHeldUntil === undefined) return decision;
      return { ...decision, status: changed(decision.status, { primaryHeldUntil: new Date(now).toISOString() }) };
    },
  ],
  [
    'never lets the primary go',
    /rule 6: the autoscaler is held for ever|rule 4: it does not come to rest/,
    (seen, now) => without(decide(seen, now), 'primaryHeldUntil'),
  ],
  [
    'does not undo what it promoted of an autoscaler',
    /rule 6: the autoscaler of a failed promotion stays/,
    (seen, now) => without(decide(seen, now), 'previousScaler'),
  ],
  [
    'goes past 100',
    /rule 5: a weight of/,
    (seen, now) => weighing(decide(seen, now), (weight) => (weight === 0 ? 0 : weight + 100)),
  ],
  [
    'goes round in a circle',
    /round in a circle/,
    (seen, now) => {
      const decision = decide(seen, now);
      return decision.kind === 'wait' ? { kind: 'move', status: decision.status, notes: [] } : decision;
    },
  ],
  [
    'waits for a time that has passed',
    /waits for a time that has passed/,
    (seen, now) => {
      const decision = decide(seen, now);
      return decision.kind === 'wait' && isRunning(statusOf(seen)) ? { ...decision, until: now - 1 } : decision;
    },
  ],
];

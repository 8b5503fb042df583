// What a controller is killed in: how each of them is prepared, and what its user does then.

import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { BUILT_IN_CHECKS, canaryOf, releasedByContour, setImage, untilStatus } from '../controller/release.ts';
import { SLOW, setRevision } from '../controller/revision.ts';
import { apply } from '../kubectl.ts';
import { podinfo, rolledOut } from '../podinfo.ts';

/** Of the canary, its target and all that they are called after. */
export const NAME = 'podinfo';
const ENVIRONMENT = 'colours';
const [FIRST, SECOND, THIRD] = ['6.9.0', '6.9.1', '6.9.2'];
/** Each write may cost the start of a controller, on a busy machine. */
const WITHIN_MS = 300_000;

export interface Place {
  readonly server: Transport;
  readonly namespace: string;
  /** By which the gateway knows it. */
  readonly host: string;
}

export interface Scenario {
  readonly title: string;
  /** Up to where the controller is first killed: podinfo answers at the gateway then. */
  readonly prepare: (place: Place) => Promise<void>;
  /** From there to its end. */
  readonly run: (place: Place) => Promise<void>;
  /** Whether the user's own route becomes ours, of which Envoy may hear before it hears of the backends. */
  readonly takesRouteOver?: boolean;
  /** Percent of the requests that the route gives the canary, one after another. */
  readonly weights: readonly number[];
  /** How its releases end, newest first. */
  readonly results: readonly string[];
}

export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'a bootstrap',
    takesRouteOver: true,
    weights: [0, 0],
    results: [],
    async prepare({ namespace, host }) {
      const route = { services: [{ name: NAME, port: 9898 }] };
      const usersOwn = {
        ...{ apiVersion: HTTP_PROXY.apiVersion, kind: HTTP_PROXY.kind, metadata: { name: NAME, namespace } },
        spec: { virtualhost: { fqdn: host }, routes: [route] },
      };
      await apply(environment(namespace), ...podinfo(target(namespace)), usersOwn);
      await rolledOut(namespace, NAME);
    },
    async run(place) {
      await apply(canaryOf(place.namespace, { analysis: { interval: '5s', threshold: 2, stepWeights: [50] } }));
      await until(place, ({ phase }) => phase === 'Initialized', 'initialized');
    },
  },
  {
    title: 'a promotion',
    weights: [25, 50, 0],
    results: ['Succeeded'],
    prepare(place) {
      // A busy machine is late to be scraped: a check of nothing is made again, and is not what the release is judged by.
      const metrics = BUILT_IN_CHECKS.map((check) => ({ ...check, interval: '10s', onNoData: 'hold' }));
      return initialized(place, { interval: '5s', stepWeights: [25, 50], metrics });
    },
    async run(place) {
      await setImage(place.namespace, SECOND);
      await until(place, hasEnded, 'promoted');
    },
  },
  {
    title: 'a rollback',
    weights: [25, 0],
    results: ['Failed'],
    prepare(place) {
      const [, duration] = BUILT_IN_CHECKS;
      const metrics = [{ ...duration, thresholdRange: { max: 500 } }];
      return initialized(place, { interval: '5s', stepWeights: [25, 50], metrics });
    },
    async run(place) {
      // It answers too late, but all.
      await setRevision(place.namespace, NAME, { version: SECOND, flags: SLOW });
      await until(place, hasEnded, 'rolled back');
    },
  },
  {
    title: 'a restart on a new revision',
    weights: [25, 0, 25, 50, 0],
    results: ['Succeeded', 'Superseded'],
    // So long that the next revision comes in the midst of the first step, on a busy machine too.
    prepare: (place) => initialized(place, { interval: '10s', stepWeights: [25, 50] }),
    async run(place) {
      await setImage(place.namespace, SECOND);
      const isHeld = ({ actualWeight, waitingFor }: CanaryStatus) =>
        actualWeight === 25 && waitingFor?.reason === 'StepInterval';
      await until(place, isHeld, 'held at its first step');
      await setImage(place.namespace, THIRD);
      await until(place, hasEnded, 'promoted');
    },
  },
  {
    title: 'a release behind gates',
    weights: [50, 0],
    results: ['Succeeded'],
    prepare: (place) =>
      initialized(place, {
        ...{ interval: '2s', stepWeights: [50] },
        webhooks: [
          { name: 'begin', type: 'confirm-rollout' },
          { name: 'end', type: 'confirm-promotion' },
        ],
      }),
    async run(place) {
      await setImage(place.namespace, SECOND);
      for (const gate of ['begin', 'end']) {
        const { lastAppliedSpec = '' } = await until(
          place,
          ({ waitingFor }) => waitingFor?.gate === gate,
          `held at gate ${gate}`,
        );
        const spec = { canary: NAME, action: 'approve', gate, revision: lastAppliedSpec };
        const metadata = { name: `approve-${gate}`, namespace: place.namespace };
        await apply({ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata, spec });
      }
      await until(place, hasEnded, 'promoted');
    },
  },
];

/** A canary at rest. */
async function initialized({ server, namespace, host }: Place, analysis: object): Promise<void> {
  await apply(environment(namespace));
  const quick = { threshold: 2, drainSeconds: 1, ...analysis };
  const answered = await releasedByContour(server, namespace, { analysis: quick }, target(namespace));
  if (answered !== host) throw new TypeError(`it is at ${answered}, and not at ${host}`);
}

function target(namespace: string) {
  return { name: NAME, namespace, version: FIRST, environment: ENVIRONMENT };
}

/** With which a revision has copies. */
function environment(namespace: string): object {
  const metadata = { name: ENVIRONMENT, namespace };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { PODINFO_UI_COLOR: '#34577c' } };
}

function hasEnded({ phase, history = [] }: CanaryStatus): boolean {
  return (phase === 'Succeeded' || phase === 'Failed') && history.length > 0;
}

function until({ server, namespace }: Place, isWanted: (status: CanaryStatus) => boolean, what: string) {
  return untilStatus(server, namespace, NAME, isWanted, what, WITHIN_MS);
}

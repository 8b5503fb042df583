import type { setRevision } from '../controller/revision.ts';
import type { PodinfoOptions } from '../podinfo.ts';
import type { MetricsFault } from './faulty-metrics.ts';
import type { Stage } from './stage.ts';

/** Something that goes wrong in the midst of a release, what its users are to see of it, and what their users. */
export interface Fault {
  /** Begins the name of its namespace. */
  readonly name: string;
  /** For the table, in Markdown. */
  readonly what: string;
  /** Of the Canary's spec and analysis, in place of what the others have. */
  readonly spec?: object;
  readonly analysis?: object;
  /** Of the Deployment's spec. */
  readonly workload?: object;
  /** @default 1 */
  readonly replicas?: PodinfoOptions['replicas'];
  /** Who splits the traffic. @default 'contour' */
  readonly gateway?: 'contour' | 'gateway-api';
  /** A metrics server of its own in place of Prometheus, which fails so when it is told to. */
  readonly metrics?: MetricsFault;
  /** What is released. @default version 6.9.1 */
  readonly revision?: Parameters<typeof setRevision>[2];
  /** Which version serves in the end of a release that succeeds. @default that of `revision` */
  readonly promoted?: string;
  /** Controllers for its namespace alone, in place of those that are installed. */
  readonly controllers?: { readonly count: 1 | 2; readonly isProxied?: boolean; readonly jumpHours?: number };
  /** Done before the release, so that it befalls it from the beginning. */
  readonly beforehand?: (namespace: string) => Promise<void>;
  /** @default once the canary has traffic */
  readonly begins?: 'with the release';
  /** Begins it, waits until it is seen, and ends it. */
  readonly befall: (stage: Stage) => Promise<void>;
  /** What is to be seen while it lasts, and of what came of it. */
  readonly during: readonly Sight[];
  readonly afterwards: readonly Sight[];
  /** For the table: what the release does. */
  readonly release: string;
  readonly end: 'Succeeded' | 'Failed';
  readonly traffic: Traffic;
}

/**
 * What a user sees, and where. The text is as it is for canary `podinfo` in namespace `test`; `…` stands for what differs from
 * one time to the next.
 */
export interface Sight {
  readonly where:
    | 'waitingFor'
    | 'condition Ready'
    | 'event'
    | 'check'
    | 'failure'
    | 'why'
    | 'kubectl'
    | 'controller log';
  /** Of what has one: the reason, or the verdict of a check. */
  readonly reason?: string;
  readonly text: string;
}

/** Which requests fail. */
export type Traffic =
  /** None, and the canary keeps its share all the time. */
  | 'none, in the same split'
  | 'none'
  /** Those that a canary without a process is sent before the gateway knows. */
  | 'some to the canary'
  /** The gateway itself answers all of them with 404: it does not have the route any more; and some with 503 when it comes back. */
  | 'all get 404';

import type { ByHand } from './by-hand.ts';

/** What so many canaries cost, of which all were released at once. Requests are those of the whole cluster. */
export interface ReleaseFigures {
  readonly canaries: number;
  readonly bootstrapSeconds: number;
  readonly bootstrapRequests: number;
  readonly bootstrapCpuSeconds: number;
  readonly idleRequests: number;
  readonly idleCpuSeconds: number;
  readonly idleStandbyCpuSeconds: number;
  readonly startedSeconds: number;
  readonly promotedSeconds: number;
  readonly requests: number;
  readonly cpuSeconds: number;
  readonly standbyCpuSeconds: number;
  readonly peakMegabytes: number;
  readonly afterMegabytes: number;
  readonly standbyMegabytes: number;
  /** One scrape of the leader's `/metrics`, which the sandbox's Prometheus does each fifteen seconds. */
  readonly scrapeCpuMs: number;
  readonly scrapeKilobytes: number;
  /** Of the machine on that day: what it took for the same work without us. */
  readonly kubectlGetMs: number;
  readonly byHand: ByHand;
  /** Of all programs, as texts. */
  readonly cpu: Readonly<Record<'bootstrap' | 'idle' | 'releases', string>>;
}

/** Of all requests of the releases, those that are not Kubernetes' own. */
export function requestsBeyond({ canaries, requests, byHand }: ReleaseFigures): number {
  return requests - (byHand.requests / byHand.releases) * canaries;
}

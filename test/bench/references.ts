import { type ReleaseFigures, requestsBeyond } from './release-figures.ts';

/**
 * What others took for the same, and what we aim at. Measured once by hand, not by this benchmark: on a virtual machine of two
 * cores with the sandbox's API server 1.36 and Contour. Flagger's canaries were as ours are here; Argo's Rollouts split by replicas,
 * with two pauses of ten seconds, and are one Deployment's worth of pods each, not two.
 */
export const REFERENCE_COLUMNS = ['Flagger 1.44, 100', 'Flagger 1.44, 500', 'Argo Rollouts 1.10, 100'] as const;
export const SIZES = ['100', '500', '1000'] as const;

/** Of the machine that the references are of. */
const REFERENCE_GET_MS = 63;
const REFERENCE_BY_HAND_SECONDS = 8;

export interface ComparedFigure {
  readonly what: string;
  readonly references: readonly [string, string, string];
  /** In the order of `SIZES`. */
  readonly aims?: readonly [string, string, string];
  readonly value: (figures: ReleaseFigures) => string;
}

const seconds = (value: number) => value.toFixed(1);
const short = (value: number) => value.toFixed(2);
const whole = (value: number) => Math.round(value).toLocaleString('en-US');

export const COMPARED: readonly ComparedFigure[] = [
  {
    what: 'bootstrap, s',
    references: ['21.8', '129.4', '11.1'],
    aims: ['10', '40', '80'],
    value: (of) => seconds(of.bootstrapSeconds),
  },
  {
    what: 'idle minute: requests of the whole cluster',
    references: ['6,964', '7,423', '123'],
    aims: ['150', '150', '150'],
    value: (of) => whole(of.idleRequests),
  },
  {
    what: 'idle minute: controller CPU, s',
    references: ['2.8', '3.4', '0.02'],
    aims: ['0.1', '0.1', '0.1'],
    value: (of) => short(of.idleCpuSeconds),
  },
  {
    what: 'all triggered at once: all started, s',
    references: ['16.3', '73', '7.7'],
    aims: ['3', '12', '25'],
    value: (of) => seconds(of.startedSeconds),
  },
  {
    what: 'all promoted, s, of which 20 are analysis',
    references: ['69.5', '334', '37.4'],
    aims: ['30', '60', '100'],
    value: (of) => seconds(of.promotedSeconds),
  },
  {
    what: 'requests for all of it, whole cluster',
    references: ['16,802', '84,325', '4,877'],
    aims: ['9,000', '45,000', '90,000'],
    value: (of) => whole(of.requests),
  },
  {
    what: 'of that beyond Kubernetes’ own',
    references: ['9,950', '50,100', ''],
    aims: ['2,000', '10,000', '20,000'],
    value: (of) => whole(requestsBeyond(of)),
  },
  {
    what: 'controller CPU for all of it, s',
    references: ['5.1', '25.8', '4.7'],
    aims: ['5', '25', '50'],
    value: (of) => seconds(of.cpuSeconds),
  },
  {
    what: 'controller memory at its peak, MB',
    references: ['75', '98', '105'],
    aims: ['110', '130', '150'],
    value: (of) => whole(of.peakMegabytes),
  },
  { what: 'controller memory after it, MB', references: ['', '', ''], value: (of) => whole(of.afterMegabytes) },
  {
    what: 'the replica that stands by: CPU of the idle minute, s',
    references: ['', '', ''],
    value: (of) => short(of.idleStandbyCpuSeconds),
  },
  { what: 'its CPU for all of it, s', references: ['', '', ''], value: (of) => seconds(of.standbyCpuSeconds) },
  { what: 'its memory after it, MB', references: ['', '', ''], value: (of) => whole(of.standbyMegabytes) },
  {
    what: 'a scrape of the controller’s metrics: CPU, ms',
    references: ['', '', ''],
    value: (of) => seconds(of.scrapeCpuMs),
  },
  { what: 'its size, kB', references: ['', '', ''], value: (of) => whole(of.scrapeKilobytes) },
  {
    what: 'what a hundred bootstraps make, made by hand, s',
    references: ['', '', ''],
    value: ({ byHand: { made } }) => (made === undefined ? '' : seconds(made.seconds)),
  },
  {
    what: 'its requests; those of our bootstraps, a hundred',
    references: ['', '', ''],
    value: ({ byHand: { made, releases }, bootstrapRequests, canaries }) => {
      const ours = whole((bootstrapRequests / canaries) * 100);
      return made === undefined ? `; ${ours}` : `${whole((made.requests / releases) * 100)}; ${ours}`;
    },
  },
  {
    what: 'the same rollouts by hand, a hundred: requests',
    references: ['6,850', '6,850', ''],
    value: (of) => whole((of.byHand.requests / of.byHand.releases) * 100),
  },
  {
    what: 'the machine: a hundred rollouts by hand, s',
    references: [String(REFERENCE_BY_HAND_SECONDS), String(REFERENCE_BY_HAND_SECONDS), ''],
    value: ({ byHand }) => compared(byHand.seconds, REFERENCE_BY_HAND_SECONDS, seconds),
  },
  {
    what: 'the machine: kubectl get of 100 canaries, ms',
    references: [String(REFERENCE_GET_MS), String(REFERENCE_GET_MS), ''],
    value: (of) => compared(of.kubectlGetMs, REFERENCE_GET_MS, whole),
  },
];

/** With how many times as long as on the machine of the references. */
function compared(value: number, reference: number, text: (value: number) => string): string {
  return `${text(value)} (${(value / reference).toFixed(1)} x)`;
}

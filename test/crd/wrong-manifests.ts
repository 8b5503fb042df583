import type { Wrong } from './wrong.ts';
import { wrongAnalyses } from './wrong-analyses.ts';
import { wrongCanaries } from './wrong-canaries.ts';
import { wrongOthers } from './wrong-others.ts';
import { wrongTraffic } from './wrong-traffic.ts';

/** All manifests that the API server refuses with the definitions alone. */
export const wrongManifests: readonly Wrong[] = [...wrongCanaries, ...wrongTraffic, ...wrongAnalyses, ...wrongOthers];

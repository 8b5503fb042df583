import { analysisOf } from '../../api/analysis.ts';
import { durationMs } from '../../api/duration.ts';
import type { Canary } from '../../api/generated/canary.ts';
import type { Traffic } from './router.ts';

/** How the requests are to be split, as the status says. */
export function trafficOf({ spec, status = {} }: Canary): Traffic {
  const { desiredWeight: canaryWeight = 0, matchedOnly = false, mirrorWeight = 0 } = status;
  const { sessionAffinity: affinity, interval } = analysisOf(spec);
  const { sessionAffinityCookie, previousSessionAffinityCookie, primarySessionAffinityCookie } = status;
  return {
    ...{ canaryWeight, matchedOnly, mirrorWeight },
    ...(affinity !== undefined && {
      stickiness: {
        affinity,
        ...(sessionAffinityCookie !== undefined && { canary: sessionAffinityCookie }),
        ...(previousSessionAffinityCookie !== undefined && { expired: previousSessionAffinityCookie }),
        ...(primarySessionAffinityCookie !== undefined && {
          primary: {
            cookie: primarySessionAffinityCookie,
            seconds: Math.max(1, Math.round((durationMs(interval) ?? 60_000) / 1000)),
          },
        }),
      },
    }),
  };
}

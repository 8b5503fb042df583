import type { Canary } from '../api/generated/canary.ts';
import { objectKey } from '../kube/object.ts';
import type { PrimaryFacts } from './decide/observation.ts';
import { type DeploymentRecord, writtenTemplate } from './deployment-record.ts';

/**
 * What this controller has written into primaries, as the API server answered it, until the canary's status has it; and what
 * it would write into those that somebody has changed. After a restart nothing is known of either, and both are asked again.
 */
export interface WrittenPrimaries {
  wrote(record: DeploymentRecord, revision: string): void;
  /** @param template hash of what would be there; empty where the API server does not say */
  wouldWrite(record: DeploymentRecord, template: string): void;
  /** What is known of a primary that the status does not have. */
  of(record: DeploymentRecord, canary: Canary): Pick<PrimaryFacts, 'written' | 'wouldBe'>;
}

interface Known {
  readonly uid: string;
  readonly written?: NonNullable<PrimaryFacts['written']>;
  readonly wouldBe?: { readonly of: string; readonly template: string };
}

export function createWrittenPrimaries(): WrittenPrimaries {
  const known = new Map<string, Known>();
  return {
    wrote(record, revision) {
      const { uid, generation } = record.metadata;
      known.set(objectKey(record), { uid, written: { revision, template: writtenTemplate(record), uid, generation } });
    },
    wouldWrite(record, template) {
      const { uid } = record.metadata;
      // Another change is compared anew: the cluster may have changed since, too.
      known.set(objectKey(record), {
        ...known.get(objectKey(record)),
        uid,
        wouldBe: { of: record.revision, template },
      });
    },
    of(record, { status }) {
      const key = objectKey(record);
      const { uid, written, wouldBe } = known.get(key) ?? {};
      if (uid !== record.metadata.uid) return {};
      const { primary: seen } = status ?? {};
      const isRecorded = written === undefined || (seen?.uid === uid && seen.generation >= written.generation);
      if (isRecorded && seen?.revision === (written?.revision ?? seen?.revision) && wouldBe === undefined)
        known.delete(key);
      return {
        ...(written !== undefined && { written }),
        ...(wouldBe?.of === record.revision && { wouldBe: wouldBe.template }),
      };
    },
  };
}

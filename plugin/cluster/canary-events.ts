import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Query } from '../../kube/transport/transport.ts';
import type { ToldEvent } from '../view/seen-release.ts';

export const EVENTS: Resource = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true };

/** As much of an event as is shown. */
export interface EventObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly creationTimestamp?: string };
  readonly eventTime?: string | null;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
  readonly deprecatedCount?: number;
  readonly deprecatedLastTimestamp?: string | null;
  readonly action?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly type?: string;
  readonly regarding?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
}

/** Asks the API server for the events about one canary alone. */
export function eventsQuery(name: string): Query {
  return { fieldSelector: `regarding.kind=Canary,regarding.name=${name}` };
}

/** Those about this very canary, and not about one of its name that is gone, oldest first. */
export function eventsOfCanary(events: Iterable<EventObject>, uid: string): readonly EventObject[] {
  const ours = [...events].filter(({ regarding }) => regarding?.uid === undefined || regarding.uid === uid);
  return ours.toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
}

/** Events of either API: those of events.k8s.io, and those that were told as core/v1. */
export function toldEvent(event: EventObject): ToldEvent {
  const { type = 'Normal', action, reason = '', note = '', series, deprecatedCount } = event;
  return {
    ...{ at: timeOf(event), type, note },
    action: action === undefined || action === '' ? reason : action,
    count: series?.count ?? deprecatedCount ?? 1,
  };
}

function timeOf({ series, eventTime, deprecatedLastTimestamp, metadata }: EventObject): string {
  return series?.lastObservedTime ?? eventTime ?? deprecatedLastTimestamp ?? metadata.creationTimestamp ?? '';
}

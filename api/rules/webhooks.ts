// Hooks are called, or wait for a person.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

/** What the call of an event hook has in its metadata. */
const EVENT_NAMES: readonly string[] = ['eventMessage', 'eventType', 'timestamp'];
/** Headers that each call has from us. */
const OWN_HEADERS: readonly string[] = ['content-type', 'content-length', 'host', 'transfer-encoding', 'connection'];

export function* hookHasUrl({ spec }: Canary): Iterable<Finding> {
  for (const [index, { type, url }] of (spec.analysis?.webhooks ?? []).entries()) {
    if (url === undefined && !type.startsWith('confirm-')) {
      const message =
        'write the URL that is called; only a confirm hook may go without, and then waits for an approval';
      yield { path: `spec.analysis.webhooks[${index}].url`, message };
    }
  }
}

export function* onlyPersonsAreApprovers({ spec }: Canary): Iterable<Finding> {
  for (const [index, { type, url, approvers }] of (spec.analysis?.webhooks ?? []).entries()) {
    if (approvers !== undefined && (url !== undefined || !type.startsWith('confirm-'))) {
      const message = 'remove it, as only a confirm hook without a url is approved by persons';
      yield { path: `spec.analysis.webhooks[${index}].approvers`, message };
    }
  }
}

export function* eventKeepsItsNames({ spec }: Canary): Iterable<Finding> {
  for (const [index, { type, metadata = {} }] of (spec.analysis?.webhooks ?? []).entries()) {
    if (type === 'event' && EVENT_NAMES.some((name) => Object.hasOwn(metadata, name))) {
      const message = 'write other names than eventMessage, eventType and timestamp, which an event has already';
      yield { path: `spec.analysis.webhooks[${index}].metadata`, message };
    }
  }
}

export function* headerHasOneValue({ spec }: Canary): Iterable<Finding> {
  for (const { path, value, valueFrom } of headersOf(spec)) {
    if ((value === undefined) === (valueFrom === undefined)) {
      yield { path, message: 'write value or valueFrom, one of them' };
    }
  }
}

export function* headerIsNotOurs({ spec }: Canary): Iterable<Finding> {
  for (const { path, name } of headersOf(spec)) {
    if (OWN_HEADERS.includes(name.toLowerCase())) {
      yield { path: `${path}.name`, message: 'write another header, as the call sets this one itself' };
    }
  }
}

function headersOf(spec: Canary['spec']) {
  return (spec.analysis?.webhooks ?? []).flatMap(({ headers = [] }, hook) =>
    headers.map((header, index) => ({ ...header, path: `spec.analysis.webhooks[${hook}].headers[${index}]` })),
  );
}

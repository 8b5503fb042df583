import type { CanarySpec } from '../../../api/generated/canary.ts';
import { CANARIES, CONFIG_MAPS, DEPLOYMENTS } from '../../../api/resources.ts';
import { isOfTemplate, revisionOf } from '../../../api/revision.ts';
import { objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { FAILING } from '../../e2e/controller/revision.ts';
import type { Ask } from './accounts.ts';
import { persistently } from './persistently.ts';

/** One canary of the fleet. */
export interface Member {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** Real podinfo under load, or pods without processes. */
  readonly isServed: boolean;
  readonly isConfigured: boolean;
  readonly isAutoscaled: boolean;
  readonly manifest: object;
  /** The host name under which the gateway leads to it. */
  readonly host?: string;
}

interface Template {
  readonly metadata?: object;
  readonly spec: { readonly containers: readonly object[] };
}

export interface Deployment {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly replicas: number; readonly template: unknown };
  readonly status?: { readonly readyReplicas?: number };
}

const TAGS = ['6.9.0', '6.9.1', '6.9.2'];

/** Another pod template for each number. A bad one of podinfo fails requests; without a process, no pod of it comes up. */
function templateOf({ isServed }: Member, number: number, isBad: boolean): Template {
  if (!isServed) {
    return { spec: { containers: [{ name: 'nothing', image: `${isBad ? 'nowhere' : 'scale'}.test/v${number}` }] } };
  }
  const flags = isBad ? FAILING : [];
  const command = ['./podinfo', '--port=9898', '--port-metrics=9797', '--level=info', ...flags];
  const image = `ghcr.io/stefanprodan/podinfo:${TAGS[number % TAGS.length]}`;
  return {
    metadata: { annotations: { number: String(number) } },
    spec: { containers: [{ name: 'podinfo', image, command }] },
  };
}

/** Writes revisions on the targets, and knows them again. */
export function createRevisions(transport: Transport, asked: (ask: Ask) => void) {
  /** What was written, by the revision that the API server made of it. */
  const written = new Map<string, { readonly key: string; readonly template: Template }>();
  let number = 0;

  async function write(member: Member, what: Ask['what'], template: Template): Promise<void> {
    const atMs = Date.now();
    const answer = await persistently<Deployment>(transport, {
      ...{ method: 'PATCH', contentType: 'application/strategic-merge-patch+json' },
      path: objectPath(DEPLOYMENTS, member),
      body: { spec: { template } },
    });
    const revision = revisionOf(answer.spec.template);
    written.set(revision, { key: member.key, template });
    asked({ key: member.key, what, template: revision, atMs });
  }

  return {
    change: (member: Member, what: 'good' | 'bad' | 'trial') =>
      write(member, what, templateOf(member, ++number, what !== 'good')),
    /** Back to what the primary runs; false where that is not known. */
    async revert(member: Member, promoted: string): Promise<boolean> {
      const [, known] =
        [...written].find(([revision, { key }]) => key === member.key && isOfTemplate(promoted, revision)) ?? [];
      if (known === undefined) return false;
      await write(member, 'revert', known.template);
      return true;
    },
    async configure(member: Member): Promise<void> {
      const atMs = Date.now();
      const merge = { method: 'PATCH', contentType: 'application/merge-patch+json' } as const;
      const body = { data: { number: String(++number) } };
      await persistently(transport, { ...merge, path: objectPath(CONFIG_MAPS, member), body });
      const target = await persistently<Deployment>(transport, { path: objectPath(DEPLOYMENTS, member) });
      asked({ key: member.key, what: 'config', template: revisionOf(target.spec.template), atMs });
    },
    async scalePrimary({ namespace, name }: Member): Promise<void> {
      const path = objectPath(DEPLOYMENTS, { namespace, name: `${name}-primary` }, 'scale');
      const replicas = 1 + (++number % 3);
      await persistently(transport, {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', path, body: { spec: { replicas } } },
      });
    },
    async patchCanary(member: Member, spec: Partial<CanarySpec>): Promise<void> {
      await persistently(transport, {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', path: objectPath(CANARIES, member) },
        body: { spec },
      });
    },
  };
}

export type Revisions = ReturnType<typeof createRevisions>;

// What stands on our programs' command lines as `$(NAME)`: a value of a ConfigMap that several of them share.
import { CONFIG_MAPS } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import { objectPath } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';

/** A container's environment variable, as far as it is looked at. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name?: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/**
 * Returns a command line as the kubelet would pass it on. What cannot be read stays as it is written, and an option with such a
 * value counts as one that is not there.
 */
export async function expandedArgs(
  transport: Transport,
  namespace: string,
  { args = [], env = [] }: { readonly args?: readonly string[]; readonly env?: readonly EnvironmentVariable[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const used = env.filter(({ name }) => args.some((arg) => arg.includes(`$(${name})`)));
  const names = [...new Set(used.flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef?.name ?? []))];
  const read = await Promise.all(names.map((name) => readData(transport, namespace, name, signal)));
  const data = new Map(names.map((name, index) => [name, read[index]]));
  const values = new Map(
    used.map(({ name, value, valueFrom }) => {
      const { name: of = '', key = '' } = valueFrom?.configMapKeyRef ?? {};
      // As manifests/namespaced has it.
      const own = valueFrom?.fieldRef?.fieldPath === 'metadata.namespace' ? namespace : undefined;
      return [name, value ?? own ?? data.get(of)?.[key]];
    }),
  );
  return args.flatMap((arg) => {
    const expanded = [...values].reduce(
      (text, [name, value]) => (value === undefined ? text : text.replaceAll(`$(${name})`, () => value)),
      arg,
    );
    return expanded.includes('=$(') ? [] : [expanded];
  });
}

async function readData(
  transport: Transport,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const path = objectPath(CONFIG_MAPS, { namespace, name });
    return (await transport.request<{ readonly data?: Readonly<Record<string, string>> }>({ path, signal })).data;
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

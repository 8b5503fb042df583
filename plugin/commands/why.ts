import { CANARIES } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import { isAtPersonalGate, mayOpenGates } from '../cluster/may-open-gates.ts';
import { podTroubles } from '../cluster/pod-troubles.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { whyLines } from '../view/why-lines.ts';

export async function run(context: Context, [name]: Args): Promise<ExitCode> {
  const { out, terminal, clock, signal } = context;
  const cluster = await context.cluster();
  const path = objectPath(CANARIES, { namespace: cluster.namespace, name: name as string });
  const canary = await cluster.transport.request<ReadCanary>({ path, signal });
  const [mayOpen, troubles] = await Promise.all([
    isAtPersonalGate(canary) ? mayOpenGates(cluster, canary.metadata.name, signal) : undefined,
    podTroubles(cluster, canary, signal),
  ]);
  const columns = terminal.lineWidth();
  const look = { columns, hasColor: terminal.hasColor, hasUnicode: terminal.hasUnicode };
  const facts = { canary, podTroubles: troubles, ...(mayOpen !== undefined && { mayOpenGates: mayOpen }) };
  out.write(`${whyLines(facts, { now: clock.date(), look }).join('\n')}\n`);
  return EXIT.OK;
}

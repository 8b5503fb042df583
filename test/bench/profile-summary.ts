/** What of a `.cpuprofile` is looked at here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** And of a `.heapprofile`: what was still alive when it was written, by who had allocated it. */
export interface HeapProfile {
  readonly head: HeapNode;
}

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

export type Costs = ReadonlyMap<string, number>;

/**
 * Milliseconds by function: on its own account, and by the innermost function of ours that was on the stack, which says for whom
 * the library or Node itself worked.
 *
 * @param root the folder that ours are in
 */
export function cpuCosts({ nodes, samples, timeDeltas }: CpuProfile, root: string): { self: Costs; ours: Costs } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const self = new Map<string, number>();
  const ours = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    const ms = (timeDeltas[index] ?? 0) / 1000;
    const frame = byId.get(sample)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    add(self, frameName(frame, root), ms);
    let owner: number | undefined = sample;
    while (owner !== undefined && !isOurs(byId.get(owner)?.callFrame, root)) owner = parents.get(owner);
    const of = owner === undefined ? undefined : byId.get(owner)?.callFrame;
    add(ours, of === undefined ? `none of ours: ${frame.functionName}` : frameName(of, root), ms);
  }
  return { self: sorted(self), ours: sorted(ours) };
}

/** Bytes by the innermost function of ours that had them allocated. */
export function heapCosts({ head }: HeapProfile, root: string): Costs {
  const bytes = new Map<string, number>();
  const visit = (node: HeapNode, owner: string): void => {
    const name = isOurs(node.callFrame, root) ? frameName(node.callFrame, root) : owner;
    if (node.selfSize > 0) add(bytes, name, node.selfSize);
    for (const child of node.children) visit(child, name);
  };
  visit(head, 'none of ours');
  return sorted(bytes);
}

function isOurs(frame: CallFrame | undefined, root: string): boolean {
  return frame !== undefined && frame.url.includes(root) && !frame.url.includes('node_modules');
}

function frameName({ functionName, url }: CallFrame, root: string): string {
  const file = url.includes(root) ? url.slice(url.indexOf(root) + root.length + 1) : url;
  return `${functionName === '' ? '(anonymous)' : functionName} ${file}`.trim();
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

function sorted(map: ReadonlyMap<string, number>): Costs {
  return new Map([...map].toSorted(([, one], [, other]) => other - one));
}

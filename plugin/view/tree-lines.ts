import { ageOf } from './age.ts';
import { glyph, type Look, toned } from './look.ts';
import { textBlock } from './text-block.ts';

/** An object that belongs to a canary, or why a kind of them is not shown. */
export interface TreeNode {
  readonly kind: string;
  readonly name: string;
  readonly pods?: { readonly wanted: number; readonly ready: number };
  readonly note?: string;
  /** RFC 3339. */
  readonly createdAt?: string;
  /** In place of objects that could not be read. */
  readonly problem?: string;
  readonly children: readonly TreeNode[];
}

export function treeLines(
  root: TreeNode,
  { now, look }: { readonly now: Date; readonly look: Look },
): readonly string[] {
  const titles = ['NAME', 'READY', 'AGE', 'NOTE'].map((text) => toned(look, 'faint', text));
  const rows = branchRows(root, '', '', { now, look });
  return textBlock([titles, ...rows], { columns: look.columns, indent: 0 });
}

function branchRows(
  node: TreeNode,
  own: string,
  below: string,
  options: { readonly now: Date; readonly look: Look },
): readonly (readonly string[])[] {
  const { look } = options;
  const rows = node.children.flatMap((child, index) => {
    const isLast = index === node.children.length - 1;
    const branch = `${below}${glyph(look, isLast ? 'lastBranch' : 'branch')} `;
    return branchRows(child, branch, `${below}${isLast ? ' ' : glyph(look, 'trunk')}  `, options);
  });
  return [rowOf(node, own, options), ...rows];
}

function rowOf(
  node: TreeNode,
  branch: string,
  { now, look }: { readonly now: Date; readonly look: Look },
): readonly string[] {
  const { kind, name, pods, note = '', createdAt, problem } = node;
  if (problem !== undefined) return [`${branch}${glyph(look, 'unknown')}`, '', '', toned(look, 'attention', problem)];
  const ready = pods === undefined ? '' : `${pods.ready}/${pods.wanted}`;
  const tone = pods === undefined ? undefined : pods.ready >= pods.wanted ? 'good' : 'attention';
  return [
    `${branch}${kind}/${name}`,
    toned(look, tone, ready),
    createdAt === undefined ? '' : ageOf(createdAt, now),
    note,
  ];
}

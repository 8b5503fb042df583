import type { Container, Target } from '../cluster/target.ts';
import { CommandError, usageError } from '../command-error.ts';
import { partialChange, type TargetChange } from './target-change.ts';

/** Images by container; `*` is all. */
export type Images = ReadonlyMap<string, string>;

/**
 * Which argument is what: canaries have no `=` in their names.
 *
 * @throws {CommandError} where an image is missing, or a container has two
 */
export function namesAndImages(args: readonly string[]): {
  readonly names: readonly string[];
  readonly images: Images;
} {
  const images = new Map<string, string>();
  for (const pair of args.filter((arg) => arg.includes('='))) {
    const at = pair.indexOf('=');
    const [container, image] = [pair.slice(0, at), pair.slice(at + 1)];
    if (container === '' || image === '') throw usageError(`write CONTAINER=IMAGE in place of ${JSON.stringify(pair)}`);
    if (images.has(container)) throw usageError(`container ${container} has two images`);
    images.set(container, image);
  }
  if (images.size === 0) throw usageError('say which image: CONTAINER=IMAGE, or *=IMAGE for all containers');
  return { names: args.filter((arg) => !arg.includes('=')), images };
}

/**
 * The change of images, or nothing where they are so already.
 *
 * @throws {CommandError} for a container that there is not
 */
export function imageChange(target: Target, images: Images, reason: string | undefined): TargetChange | undefined {
  const { template } = target.spec;
  const { containers = [], initContainers = [] } = template.spec ?? {};
  const all = [...containers, ...initContainers];
  const unknown = [...images.keys()].filter((name) => name !== '*' && !all.some((each) => each.name === name));
  if (unknown.length > 0) {
    const there = all.map(({ name }) => name).join(', ');
    throw new CommandError(`there is no container ${unknown.join(', ')}: there are ${there}`);
  }
  const imageOf = ({ name, image }: Container) => images.get(name) ?? images.get('*') ?? image;
  const changed = (list: readonly Container[]) => list.filter((each) => imageOf(each) !== each.image);
  const patchOf = (list: readonly Container[]) =>
    changed(list).map((each) => ({ name: each.name, image: imageOf(each) }));
  const made = (list: readonly Container[]) => list.map((each) => ({ ...each, image: imageOf(each) }));
  if (changed(all).length === 0) return undefined;
  const spec = {
    ...(changed(containers).length > 0 && { containers: patchOf(containers) }),
    ...(changed(initContainers).length > 0 && { initContainers: patchOf(initContainers) }),
  };
  const next = {
    ...template,
    spec: {
      ...template.spec,
      containers: made(containers),
      ...(initContainers.length > 0 && { initContainers: made(initContainers) }),
    } as NonNullable<typeof template.spec>,
  };
  return partialChange(target, next, { spec }, reason);
}

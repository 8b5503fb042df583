import { type LabelSelector, LabelSelectorError, parseLabelSelector } from '../../api/label-selector.ts';
import { type InstalledProgram, optionOf } from '../cluster/installation.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { type CheckLine, fail, ok } from './check-line.ts';
import { firstNamed } from './first-named.ts';

const NAME = 'shards';

/** Where controllers divide the canaries: whether each canary has one controller, and only one. */
export function judgeShards(
  canaries: readonly ReadCanary[],
  controllers: readonly InstalledProgram[],
): readonly CheckLine[] {
  const isDivided = controllers.some((each) => optionOf(each, '--namespace') ?? optionOf(each, '--canary-selector'));
  if (!isDivided && controllers.length < 2) return [];
  const atWork = controllers
    .filter(({ wanted }) => wanted > 0)
    .map((controller) => ({ name: controller.name, releases: releasedBy(controller) }));
  const owned = canaries.map((canary) => ({ canary, by: atWork.filter(({ releases }) => releases(canary)) }));
  const [left, shared] = [owned.filter(({ by }) => by.length === 0), owned.filter(({ by }) => by.length > 1)];
  const lines: CheckLine[] = [];
  if (left.length > 0) {
    const fix = 'label them as --canary-selector of a controller has it, or have one look at their --namespace';
    lines.push(fail(NAME, `no controller releases ${namesOf(left)}`, fix));
  }
  if (shared.length > 0) {
    const rivals = [...new Set(shared.flatMap(({ by }) => by.map(({ name }) => name)))].join(' and ');
    const fix = 'give them a --canary-selector each, so that no canary has the labels of two';
    lines.push(fail(NAME, `more than one controller, ${rivals}, releases ${namesOf(shared)}`, fix));
  }
  return lines.length > 0 ? lines : [ok(NAME, `each canary has one of ${atWork.length} controllers`)];
}

/** Which canaries a controller releases, by its command line. */
function releasedBy(controller: InstalledProgram): (canary: ReadCanary) => boolean {
  const namespace = optionOf(controller, '--namespace');
  const isSelected = selectorOf(controller);
  return ({ metadata }) =>
    (namespace === undefined || namespace === metadata.namespace) && isSelected(metadata.labels ?? {});
}

function selectorOf(controller: InstalledProgram): LabelSelector {
  const selector = optionOf(controller, '--canary-selector');
  if (selector === undefined) return () => true;
  try {
    return parseLabelSelector(selector);
  } catch (error) {
    // With it the controller does not even start.
    if (error instanceof LabelSelectorError) return () => false;
    throw error;
  }
}

function namesOf(owned: readonly { readonly canary: ReadCanary }[]): string {
  return firstNamed(owned.map(({ canary: { metadata } }) => `${metadata.namespace}/${metadata.name}`));
}

import type { Finding } from '../../api/finding.ts';
import type { Release } from './workload.ts';

/** How the pods of the target are told from those of its primary: one label, with a value for each. */
export interface PodSelector {
  readonly label: string;
  readonly targetValue: string;
  readonly primaryValue: string;
}

/** The primary's pods cannot be told from the target's; the message says what to change, for the canary's status. */
export class UnusableSelector extends Error {
  override readonly name = 'UnusableSelector';
  readonly finding: Finding;

  constructor(message: string) {
    super(message);
    this.finding = { path: 'spec.targetRef', message };
  }
}

const PRIMARY_SUFFIX = '-primary';
/** Kubernetes' limit for the value of a label. */
const LONGEST_VALUE = 63;

/**
 * The first of the controller's selector labels that the target's own selector has.
 *
 *     podSelector(release) // { label: 'app', targetValue: 'podinfo', primaryValue: 'podinfo-primary' }
 *
 * @throws {UnusableSelector} when there is none, or its value leaves no room for the suffix
 */
export function podSelector({ target, options }: Pick<Release, 'target' | 'options'>): PodSelector {
  const matchLabels = target.spec.selector.matchLabels ?? {};
  for (const label of options.selectorLabels) {
    const targetValue = Object.hasOwn(matchLabels, label) ? matchLabels[label] : undefined;
    // With the suffix alone, an empty value would make one that no label may have.
    if (targetValue === undefined || targetValue === '') continue;
    const primaryValue = targetValue + PRIMARY_SUFFIX;
    if (primaryValue.length > LONGEST_VALUE) throw tooLong(target.metadata.name, label, targetValue);
    return { label, targetValue, primaryValue };
  }
  throw noneFound(target.metadata.name, options.selectorLabels, Object.keys(matchLabels));
}

function noneFound(name: string, wanted: readonly string[], there: readonly string[]): UnusableSelector {
  const byWhat = there.length === 0 ? 'it has no matchLabels' : `it has ${there.join(', ')}`;
  // A Deployment's selector is immutable, which is why "add one" alone would send people into an error.
  const add = `make it anew with one of them in spec.selector.matchLabels and in its pods' labels`;
  const orStart = there.length === 0 ? '' : `, or start the controller with --selector-labels=${there[0]}`;
  return new UnusableSelector(
    `the selector of Deployment ${name} has none of the labels ${wanted.join(', ')}: ${byWhat}; ${add}${orStart}`,
  );
}

function tooLong(name: string, label: string, value: string): UnusableSelector {
  const room = LONGEST_VALUE - PRIMARY_SUFFIX.length;
  return new UnusableSelector(
    `the selector of Deployment ${name} has the label ${label} with ${value.length} characters, and ${PRIMARY_SUFFIX} is added ` +
      `to it for the primary's pods: make it anew with at most ${room}, or start the controller with other --selector-labels`,
  );
}

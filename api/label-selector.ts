/** Whether an object with such labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** The text is no selector; the message says which part, and what to write. */
export class LabelSelectorError extends Error {
  override readonly name = 'LabelSelectorError';
}

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const KEY = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${NAME}`;
const VALUE = `(?:${NAME})?`;
const EXISTS = new RegExp(`^(?<not>!?)\\s*(?<key>${KEY})$`);
const EQUALS = new RegExp(`^(?<key>${KEY})\\s*(?<not>!?)={1,2}\\s*(?<value>${VALUE})$`);
const AMONG = new RegExp(`^(?<key>${KEY})\\s+(?<not>not)?in\\s*\\((?<values>[^()]*)\\)$`);
const ONE_VALUE = new RegExp(`^${VALUE}$`);
const LONGEST = 4096;

/**
 * Reads a selector as `kubectl get --selector` has it; all of its requirements have to hold. As there, an object without
 * the label has `!=` and `notin` hold.
 *
 *     parseLabelSelector('shard=blue')({ shard: 'blue' }) // true
 *     parseLabelSelector('shard notin (blue, green), !paused')({}) // true
 *
 * @throws {LabelSelectorError}
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.length > LONGEST) throw new LabelSelectorError(`It is longer than ${LONGEST} characters.`);
  // Commas within parentheses part values.
  const requirements = partsOf(text).map((part) => requirement(part.trim()));
  return (labels) => requirements.every((holds) => holds(labels));
}

/** Parts at the commas that no `)` comes after before another `(`. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let [end, isInside] = [text.length, false];
  for (let position = text.length - 1; position >= 0; position -= 1) {
    const character = text[position];
    if (character === ')') isInside = true;
    else if (character === '(') isInside = false;
    else if (character === ',' && !isInside) {
      parts.unshift(text.slice(position + 1, end));
      end = position;
    }
  }
  return [text.slice(0, end), ...parts];
}

function requirement(text: string): LabelSelector {
  const exists = EXISTS.exec(text)?.groups;
  if (exists !== undefined) {
    const { key = '', not } = exists;
    return (labels) => Object.hasOwn(labels, key) === (not === '');
  }
  const equals = EQUALS.exec(text)?.groups;
  if (equals !== undefined) return among(equals['key'], [equals['value'] ?? ''], equals['not'] === '');
  const listed = AMONG.exec(text)?.groups;
  const values = (listed?.['values'] ?? '').split(',').map((value) => value.trim());
  if (listed !== undefined && values.every((value) => ONE_VALUE.test(value)))
    return among(listed['key'], values, listed['not'] === undefined);
  throw new LabelSelectorError(
    `"${text}" is none: write key=value, key!=value, key in (one,other), key notin (one,other), key or !key, with commas between.`,
  );
}

function among(key = '', values: readonly string[], wanted: boolean): LabelSelector {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return (value !== undefined && values.includes(value)) === wanted;
  };
}

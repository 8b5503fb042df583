// Values as Go prints them, as that is what scripts around kubectl have learnt to read.

/** As `fmt.Sprint`: `map[app:podinfo]`, `[a b]`, `5e-05`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return value === true ? 'true' : 'false';
  return `map[${sortedEntries(value)
    .map(([key, field]) => `${key}:${goText(field)}`)
    .join(' ')}]`;
}

/** As `json.Marshal`: keys in order. */
export function goJson(value: unknown): string {
  return escapedAsInGo(JSON.stringify(sorted(value)));
}

/** JSON in which nothing is that a browser would take for a tag, as Go writes it: the same to whoever reads it. */
export function escapedAsInGo(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What is small gets an exponent sooner than in JavaScript, and one of two digits at least. */
function numberText(value: number): string {
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(sortedEntries(value).map(([key, field]) => [key, sorted(field)]));
}

function sortedEntries(value: object): readonly [string, unknown][] {
  return Object.entries(value).toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

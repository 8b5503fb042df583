// `-o custom-columns`, as kubectl has it.
import { goText } from './go-text.ts';
import { type JsonPath, jsonPathOf } from './json-path.ts';
import { JsonPathError } from './json-path-error.ts';

interface CustomColumn {
  readonly title: string;
  readonly path: JsonPath;
}

/** Lines of a table that may grow: titles before the first, unless there are to be none. */
export interface CustomColumns {
  lines(objects: readonly object[]): readonly string[];
}

/** Of kubectl's tables: a column is this wide at least, and this far from the next. */
const NARROWEST = 6;
const PADDING = 3;

const PATH = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/;
const EXPECTED = 'one line of titles and one line of paths, with blanks between them';

/**
 * `NAME:.metadata.name,PHASE:.status.phase`.
 *
 * @throws {JsonPathError}
 */
export function customColumnsOf(text: string, hasHeaders: boolean): CustomColumns {
  const parts = text.split(',').map((part) => [part, part.indexOf(':')] as const);
  const columns = parts.map(([part, at]) => {
    if (at < 0) throw new JsonPathError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return columnOf(part.slice(0, at), part.slice(at + 1));
  });
  return table(columns, hasHeaders);
}

/**
 * The titles in one line, and their paths in the next.
 *
 * @throws {JsonPathError}
 */
export function customColumnsOfFile(content: string, hasHeaders: boolean): CustomColumns {
  const [titles = '', paths] = content.split(/\r?\n/);
  if (paths === undefined) throw new JsonPathError(`invalid template: expected is ${EXPECTED}`);
  const [names, specs] = [titles, paths].map((line) => line.split(/\s+/).filter((word) => word !== ''));
  if (names?.length !== specs?.length) {
    throw new JsonPathError(
      `number of headers (${names?.length}) and field specifications (${specs?.length}) don't match`,
    );
  }
  return table(
    (names ?? []).map((name, index) => columnOf(name, specs?.[index] ?? '')),
    hasHeaders,
  );
}

function columnOf(title: string, text: string): CustomColumn {
  const [, inBraces, plain] = PATH.exec(text) ?? [];
  const path = inBraces ?? plain;
  if (path === undefined && text !== '') {
    const forms = "'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
    throw new JsonPathError(`unexpected path string, expected a ${forms}`);
  }
  return { title, path: jsonPathOf(path === undefined ? '' : `{.${path}}`) };
}

function table(columns: readonly CustomColumn[], hasHeaders: boolean): CustomColumns {
  let titles = hasHeaders ? [columns.map(({ title }) => title)] : [];
  let widths = columns.map(() => NARROWEST);
  return {
    lines(objects) {
      const rows = [...titles, ...objects.map((object) => columns.map(({ path }) => cellOf(path, object)))];
      titles = [];
      const widthOf = (cell = '') => Array.from(cell).length;
      widths = widths.map((width, index) => Math.max(width, ...rows.map((row) => widthOf(row[index]) + PADDING)));
      const last = columns.length - 1;
      const filled = (cell: string, index: number) =>
        index === last ? cell : cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell));
      return rows.map((row) => row.map(filled).join(''));
    },
  };
}

function cellOf(path: JsonPath, object: object): string {
  const found = path.find(object);
  const values = found.flat().map((value) => printable(goText(value)));
  return (found[0]?.length ?? 0) === 0 ? ['<none>', ...values].join(',') : values.join(',');
}

/** What would move the cursor is shown and not done. */
function printable(text: string): string {
  return text.replaceAll('\u001B', '^[').replaceAll('\r', '\\r');
}

/** One line of the table that a benchmark prints. */
export function row(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(64)}${value.padStart(12)}\n`);
}

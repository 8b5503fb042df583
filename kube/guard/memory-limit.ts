import { readFileSync } from 'node:fs';

/** Where the kernel says how much memory this container may have: cgroup v2, then v1. */
const FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
/** v1 says a number near 2^63 where there is no limit. */
const NO_LIMIT = 2 ** 50;

/** Returns the container's memory limit in bytes, or `undefined` where it has none. */
export function containerMemoryLimit(read: (file: string) => string = readText): number | undefined {
  for (const file of FILES) {
    let text: string;
    try {
      text = read(file).trim();
    } catch {
      continue;
    }
    const bytes = Number(text);
    return /^\d+$/.test(text) && bytes < NO_LIMIT ? bytes : undefined;
  }
  return undefined;
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

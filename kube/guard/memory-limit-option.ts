import { InvalidArgumentError, Option } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
const LEAST = 64 * 2 ** 20;

/** The option `--memory-limit`, in bytes. */
export function memoryLimitOption(): Option {
  return new Option(
    '--memory-limit <bytes>',
    "memory shortly below which the program restarts by itself, such as 512Mi (default: the container's limit)",
  ).argParser((text) => {
    const [, digits, unit = ''] = /^([0-9]{1,15})(Ki|Mi|Gi)?$/.exec(text) ?? [];
    const bytes = Number(digits) * (UNITS[unit] ?? 1);
    if (!(bytes >= LEAST)) throw new InvalidArgumentError('Write a number of bytes from 64Mi on, such as 512Mi.');
    return bytes;
  });
}

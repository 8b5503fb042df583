import { type Command, InvalidArgumentError, Option } from 'commander';
import { listItems, wholeNumber } from '../option-values.ts';
import { type IpRange, parseIpRange } from './ip-range.ts';

/** What of the command line is about calls to hooks, metric servers and alert receivers. */
export interface OutgoingOptions {
  readonly maxOutgoingCalls: number;
  readonly egressAllow: readonly IpRange[];
  readonly egressDeny: readonly IpRange[];
  readonly showAnswersOf: readonly string[];
}

export function addOutgoingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--max-outgoing-calls <count>',
        'calls to hooks, metric servers and alert receivers at a time, a quarter of them at most for one namespace; UV_THREADPOOL_SIZE has to be larger',
      )
        .default(128)
        .argParser((text) => wholeNumber(text, 4, 1000)),
    )
    .addOption(
      new Option(
        '--egress-deny <ranges>',
        'addresses that canaries, templates and AlertProviders may not have called, such as 10.1.0.0/16, beside loopback, link-local, multicast and the metadata addresses of cloud providers, those of the API server and of this pod',
      )
        .default([], 'none')
        .argParser(ranges),
    )
    .addOption(
      new Option(
        '--egress-allow <ranges>',
        'addresses that may be called although --egress-deny has them, or although they are denied always where a range is no wider than what is denied',
      )
        .default([], 'none')
        .argParser(ranges),
    )
    .addOption(
      new Option(
        '--show-answers-of <namespaces>',
        'whose Services have their refusals shown in the status of all canaries, such as that of a load tester; others only in that of canaries of their own namespace',
      )
        .default([], 'none')
        .argParser(names),
    );
}

function ranges(text: string): readonly IpRange[] {
  return listItems(text).map((item) => {
    const range = parseIpRange(item);
    if (range !== undefined) return range;
    throw new InvalidArgumentError(
      `${item} is no range of addresses: write such as 10.1.0.0/16, fd00::/8 or 192.0.2.7.`,
    );
  });
}

function names(text: string): readonly string[] {
  return listItems(text).map((item) => {
    if (/^[a-z0-9-]{1,63}$/.test(item)) return item;
    throw new InvalidArgumentError(`${item} is no name of a namespace.`);
  });
}

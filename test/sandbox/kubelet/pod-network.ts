import { readdir } from 'node:fs/promises';
import type { AddressPool } from './address-pool.ts';
import { createLimiter } from './limiter.ts';
import { runProgram } from './run-program.ts';

/** The network of one pod. */
export interface PodNetwork {
  readonly address: string;
  /** The file of its network namespace; `undefined` for a pod on the node's network or without processes. */
  readonly namespace: string | undefined;
}

/** Every pod's default gateway: an address that exists on the node's end of every pod's link, and nowhere else. */
const GATEWAY = '169.254.1.1';
const NAMESPACES = '/run/netns';
/** Names of namespaces and links; nothing else in the sandbox begins like this. */
const PREFIX = 'pod-';

/** Gives pods their addresses and network namespaces, and takes them back. */
export class PodNetworks {
  readonly #pool: AddressPool;
  /** The kernel has one lock for all of this: more at a time only wait. */
  readonly #limit = createLimiter(2);

  constructor(pool: AddressPool) {
    this.#pool = pool;
  }

  /** An address alone, for a pod that has no processes. */
  attachWithoutNamespace(): PodNetwork {
    return { address: this.#pool.take(), namespace: undefined };
  }

  /** A namespace, joined to the node by a pair of links and a route to its one address: no bridge, no neighbours. */
  async attach(): Promise<PodNetwork> {
    const address = this.#pool.take();
    const name = nameOf(address);
    const outside = [
      `netns add ${name}`,
      `link add ${name} type veth peer name eth0 netns ${name}`,
      `link set ${name} up`,
      `address add ${GATEWAY}/32 dev ${name}`,
      `route add ${address}/32 dev ${name}`,
    ];
    const inside = [
      'link set lo up',
      `address add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add ${GATEWAY} dev eth0`,
      `route add default via ${GATEWAY}`,
    ];
    const namespace = `${NAMESPACES}/${name}`;
    // As in every container runtime of today, a program may bind any port of its pod whoever it runs as.
    const script = 'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; exec ip -batch -';
    try {
      await this.#limit(async () => {
        await runProgram(['ip', '-batch', '-'], lines(outside));
        await runProgram(['nsenter', `--net=${namespace}`, 'sh', '-c', script], lines(inside));
      });
    } catch (error) {
      await this.detach({ address, namespace });
      throw error;
    }
    return { address, namespace };
  }

  /** Never fails: what cannot be taken down is found by the next `clean`. */
  async detach({ address, namespace }: PodNetwork): Promise<void> {
    if (namespace !== undefined) await this.#limit(() => remove(nameOf(address)));
    this.#pool.release(address);
  }

  /** Takes down what a kubelet before this one has left behind. */
  async clean(): Promise<void> {
    const names = await readdir(NAMESPACES).catch((): string[] => []);
    for (const name of names) {
      if (name.startsWith(PREFIX)) await remove(name);
    }
  }
}

/** The link first: the end of a namespace takes its links down too, but only some time later. */
async function remove(name: string): Promise<void> {
  for (const command of [`link del ${name}`, `netns del ${name}`]) {
    await runProgram(['ip', ...command.split(' ')]).catch(() => {});
  }
}

/** `10.244.1.5` is `pod-244-1-5`: unique in any network of 16 million addresses, and short enough for a link. */
function nameOf(address: string): string {
  return PREFIX + address.split('.').slice(1).join('-');
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}

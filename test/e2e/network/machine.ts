import { type ChildProcess, spawn } from 'node:child_process';
import { after, before } from 'node:test';
import { execa } from 'execa';

/** The sandbox's node end of every link. */
const GATEWAY = '169.254.1.1';
const LISTEN = `for (const port of process.argv.slice(1)) require('net').createServer((socket) => socket.end()).listen(port);`;

/**
 * A machine beside the sandbox's only node, before the tests of a suite: what it sends is not a pod's and not the node's own.
 * It has the addresses, and takes TCP connections on the ports. Call it inside `describe`.
 */
export function anotherMachine(name: string, addresses: readonly string[], ports: readonly number[]): void {
  let server: ChildProcess | undefined;
  before(async () => {
    const outside = [
      `netns add ${name}`,
      `link add ${name} type veth peer name eth0 netns ${name}`,
      `link set ${name} up`,
      `address add ${GATEWAY}/32 dev ${name}`,
      ...addresses.map((address) => `route add ${address}/32 dev ${name}`),
    ];
    const inside = [
      'link set lo up',
      ...addresses.map((address) => `address add ${address}/32 dev eth0`),
      'link set eth0 up',
      `route add ${GATEWAY} dev eth0`,
      `route add default via ${GATEWAY} src ${addresses[0]}`,
    ];
    await execa('ip', ['-batch', '-'], { input: outside.join('\n') });
    await execa('ip', ['-netns', name, '-batch', '-'], { input: inside.join('\n') });
    server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', LISTEN, ...ports.map(String)], {
      stdio: 'inherit',
    });
  });
  after(async () => {
    server?.kill();
    await execa('ip', ['link', 'del', name]);
    await execa('ip', ['netns', 'del', name]);
  });
}

import { execa } from 'execa';

/** What became of the first packets: taken, or thrown away without a word. */
type Outcome = 'reached' | 'dropped';

/** Who connects: a pod with a shell, a pod of ours, which has Node alone, or another machine by its network namespace. */
export type From =
  | { readonly kind: 'shell' | 'node'; readonly namespace: string; readonly pod: string }
  | { readonly kind: 'machine'; readonly name: string };

const DROPPED_AFTER_S = 3;
/** Of `timeout`. */
const TIMED_OUT = 124;
const CONNECT = `
const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port: Number(port) });
socket.once('connect', () => process.exit(0)).once('error', (error) => { console.error(error.message); process.exit(1); });
setTimeout(() => process.exit(${TIMED_OUT}), ${DROPPED_AFTER_S * 1000});`;

/**
 * Opens a TCP connection.
 *
 * @throws when it is neither taken nor dropped: a refusal tells that the packets came through, and that nobody listens
 */
export async function connect(from: From, host: string, port: number): Promise<Outcome> {
  const [program, ...args] = commandLine(from, host, port);
  const { exitCode, stderr } = await execa(program, args, { reject: false, timeout: 30_000 });
  if (exitCode === 0) return 'reached';
  // kubectl gives the exit code of what it ran.
  if (exitCode === TIMED_OUT) return 'dropped';
  throw new Error(`${host}:${port} from ${JSON.stringify(from)}: ${stderr}`);
}

function commandLine(from: From, host: string, port: number): [string, ...string[]] {
  const bash = ['timeout', `${DROPPED_AFTER_S}`, 'bash', '-c', `</dev/tcp/${host}/${port}`];
  if (from.kind === 'machine') return ['ip', 'netns', 'exec', from.name, ...bash];
  const command = from.kind === 'shell' ? bash : ['/nodejs/bin/node', '-e', CONNECT, host, String(port)];
  return ['kubectl', '-n', from.namespace, 'exec', from.pod, '--', ...command];
}

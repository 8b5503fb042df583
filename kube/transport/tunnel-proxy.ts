import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** A proxy that lets bytes through, as `proxy-url` of a kubeconfig may name it. */
export interface TunnelProxy {
  readonly url: string;
  /** `host:port` of each tunnel that was asked for, in order. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

/** One that is asked by CONNECT, with a name and a password. */
export async function openHttpProxy(): Promise<TunnelProxy> {
  const server = createServer();
  return open(server, 'http://jane:s3cret@127.0.0.1', (tunnel) => {
    server.on('connect', ({ headers, url = '' }, client: Socket) => {
      const wanted = `Basic ${btoa('jane:s3cret')}`;
      if (headers['proxy-authorization'] === wanted) tunnel(client, url, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      else client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
  });
}

/** One of SOCKS5, which may be asked for a name or for an IPv4 address. */
export async function openSocksProxy(): Promise<TunnelProxy> {
  const server = createTcpServer();
  return open(server, 'socks5://127.0.0.1', (tunnel) => {
    server.on('connection', (client) => {
      client.once('data', () => {
        client.once('data', (request) => tunnel(client, socksTarget(request), () => client.write(GRANTED)));
        // Version 5, and no need to say who one is.
        client.write(Buffer.from([5, 0]));
      });
    });
  });
}

/** The answer to a request, with an address that nobody looks at. */
const GRANTED = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Version, command, reserved, kind of address, address, port. */
function socksTarget(request: Buffer): string {
  const port = request.readUInt16BE(request.length - 2);
  const isName = request[3] === 3;
  const address = request.subarray(isName ? 5 : 4, -2);
  return `${isName ? address.toString() : address.join('.')}:${port}`;
}

type Tunnel = (client: Socket, target: string, whenOpen: () => void) => void;

async function open(server: Server, url: string, serve: (tunnel: Tunnel) => void): Promise<TunnelProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  serve((client, target, whenOpen) => {
    tunnels.push(target);
    const { hostname, port } = new URL(`tcp://${target}`);
    const upstream = connect(Number(port), hostname, () => {
      whenOpen();
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [client, upstream].forEach((either) => either.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${url}:${(server.address() as AddressInfo).port}`,
    tunnels,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

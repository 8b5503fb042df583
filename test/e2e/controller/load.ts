import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a steady load was answered with. */
export interface LoadReport {
  readonly requests: number;
  /** By status; those that got no answer under 0. */
  readonly statuses: ReadonlyMap<number, number>;
  /** By the version that podinfo says it is, of answers of 200. */
  readonly versions: ReadonlyMap<string, number>;
  /** Requests without an answer, or with one of 500 and more: when, and what it was. */
  readonly failures: readonly { readonly at: string; readonly what: string }[];
}

export interface Load {
  /** What was answered since the last call. */
  take(): LoadReport;
  /** Sends nothing more, waits for what is under way, and reports what was not taken. */
  stop(): Promise<LoadReport>;
}

/** Envoy resets what is sent on a connection that nobody has used for 65 seconds, and only ends it a second later. */
const IDLE_MS = 30_000;

/** One request that came to an end. */
export interface Answer {
  /** 1 is the first. */
  readonly number: number;
  /** 0 where none came. */
  readonly status: number;
  readonly version?: string;
}

/**
 * Sends so many requests a second, whether they are answered or not, over connections that are kept, as a browser and a proxy
 * keep theirs.
 *
 * @param host the Host header, for a gateway
 */
export function startLoad(
  url: string,
  { host, perSecond = 20, onAnswer }: { host?: string; perSecond?: number; onAnswer?: (answer: Answer) => void } = {},
): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, timeout: IDLE_MS });
  const underWay = new Set<Promise<void>>();
  let report = emptyReport();
  let stopped = false;
  let sent = 0;

  const send = () =>
    new Promise<void>((resolve) => {
      const number = ++sent;
      const failed = (status: number, what: string) => {
        report.statuses.set(status, (report.statuses.get(status) ?? 0) + 1);
        report.failures.push({ at: new Date().toISOString(), what });
        onAnswer?.({ number, status });
        resolve();
      };
      const asked = request(
        url,
        { agent, timeout: 10_000, headers: host === undefined ? {} : { host } },
        (response) => {
          const { statusCode = 0 } = response;
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (text: string) => (body += text));
          response.on('error', (error) => failed(0, String(error)));
          response.on('end', () => {
            if (statusCode >= 500) {
              failed(statusCode, `${statusCode} ${body.slice(0, 100)}`);
              return;
            }
            report.statuses.set(statusCode, (report.statuses.get(statusCode) ?? 0) + 1);
            const version = /"version":\s*"([^"]+)"/.exec(body)?.[1];
            if (version !== undefined) report.versions.set(version, (report.versions.get(version) ?? 0) + 1);
            onAnswer?.({ number, status: statusCode, ...(version !== undefined && { version }) });
            resolve();
          });
        },
      );
      report.requests++;
      asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')));
      asked.on('error', (error) => failed(0, String(error)));
      asked.end();
    });

  const loop = (async () => {
    while (!stopped) {
      const one = send();
      underWay.add(one);
      void one.then(() => underWay.delete(one));
      await sleep(1000 / perSecond);
    }
  })();

  return {
    take() {
      const taken = report;
      report = emptyReport();
      return taken;
    },
    async stop() {
      stopped = true;
      await loop;
      await Promise.all(underWay);
      agent.destroy();
      return report;
    },
  };
}

function emptyReport() {
  return {
    requests: 0,
    statuses: new Map<number, number>(),
    versions: new Map<string, number>(),
    failures: [] as { at: string; what: string }[],
  };
}

import { randomBytes } from 'node:crypto';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { apiServer } from '../e2e/api-server.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { msEach } from './ms-each.ts';
import type { TakeRow } from './row.ts';

const NAMESPACE = 'bench-transport';
const REQUESTS = 1000;
const PAGE = 500;
const PAGES = 1000;
const AT_A_TIME = 4;

/** Requests one after the other, and pages of 500 objects of 20 kB, both beside the client of @kubernetes/client-node. */
export async function benchTransport(row: TakeRow): Promise<void> {
  await kubectl('create', 'namespace', NAMESPACE);
  const transport = await apiServer();
  const config = new KubeConfig();
  config.loadFromDefault();
  const reference = config.makeApiClient(CoreV1Api);
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  try {
    const ours = await msEach(REQUESTS, () => transport.request({ path: `/api/v1/namespaces/${NAMESPACE}` }));
    const theirs = await msEach(REQUESTS, () => reference.readNamespace({ name: NAMESPACE }));
    row(`${REQUESTS} GETs one after the other, each`, `${ours.toFixed(2)} ms`);
    row('the same through @kubernetes/client-node', `${(theirs / ours).toFixed(2)} x`);

    for (let index = 0; index < PAGE; index++) {
      const body = { metadata: { name: `page-${index}` }, data: { blob: randomBytes(15_000).toString('base64') } };
      await transport.request({ method: 'POST', path, body });
    }
    const query = { limit: PAGE };
    // What comes before the items has the version of the moment.
    const items = (text: string) => text.slice(text.indexOf('"items":['));
    const first = items(await transport.text({ path, query }));
    const started = performance.now();
    let whole = 0;
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let page = 0; page < PAGES / AT_A_TIME; page++) {
          if (items(await transport.text({ path, query })) === first) whole++;
        }
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    row(`pages of ${PAGE} objects of 20 kB that came whole, of ${PAGES}`, String(whole));
    row('the same, megabytes a second', ((PAGES * first.length) / 1e6 / seconds).toFixed(0));
  } finally {
    transport.close();
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
}

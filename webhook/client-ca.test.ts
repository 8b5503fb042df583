import assert from 'node:assert/strict';
import { get } from 'node:https';
import { describe, it } from 'node:test';
import express from 'express';
import { systemClock } from '../kube/clock.ts';
import { issueAuthority, issueCertificate } from './certificates/issue.ts';
import type { KeyPair } from './certificates/key-pair.ts';
import { createWebhookServer } from './server.ts';

const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
const [authority, clients, others] = await Promise.all(
  ['serving', 'clients', 'others'].map((name) => issueAuthority(name, validity)),
);
const serving = await issueCertificate(authority!, { commonName: 'webhook', serves: ['127.0.0.1'] }, validity);
const [known, foreign] = await Promise.all(
  [clients!, others!].map((of) => issueCertificate(of, { commonName: 'apiserver' }, validity)),
);

/** Status of the answer to a client with this certificate, or the code of the error. */
async function asked(clientCa: string | undefined, client: KeyPair | undefined): Promise<number | string | undefined> {
  const app = express().get('/', (_, response) => void response.send('ok'));
  const server = createWebhookServer(app, systemClock, clientCa);
  const port = await server.listen(0, '127.0.0.1');
  server.serve(serving);
  try {
    return await new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, ca: authority!.cert, agent: false, ...client };
      get(options, (response) => resolve(response.resume().statusCode)).on('error', (error) =>
        resolve((error as { code?: string }).code),
      );
    });
  } finally {
    await server.close(0);
  }
}

describe('with authorities of clients', () => {
  it('only a client with a certificate of theirs is answered', async () => {
    assert.equal(await asked(clients!.cert, known), 200);
    for (const client of [undefined, foreign]) assert.equal(typeof (await asked(clients!.cert, client)), 'string');
  });

  it('a serving authority vouches for no client', async () => {
    assert.equal(
      typeof (await asked(clients!.cert, await issueCertificate(authority!, { commonName: 'x' }, validity))),
      'string',
    );
  });

  it('none is needed where there are none', async () => {
    assert.equal(await asked(undefined, undefined), 200);
  });
});

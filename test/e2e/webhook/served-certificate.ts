import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { NAMESPACE } from './deployed.ts';

/** Of whichever replica the Service leads to this time. */
export async function servedCertificate(): Promise<X509Certificate> {
  const socket = connect({ host: `canary-webhook.${NAMESPACE}.svc`, port: 443, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    assert.ok(certificate !== undefined);
    return certificate;
  } finally {
    socket.destroy();
  }
}

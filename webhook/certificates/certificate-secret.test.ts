import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCertificates, type Secret, secretData } from './certificate-secret.ts';
import { issueAuthority, issueCertificate } from './issue.ts';
import type { Certificates } from './rotation.ts';

const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };
const authority = await issueAuthority('test', validity);
const next = await issueAuthority('test', validity);
const serving = await issueCertificate(authority, { commonName: 'a', serves: ['a.svc', '10.0.0.1'] }, validity);
const whole: Certificates = { authority, next, retired: next.cert, serving };

function secret(data: Readonly<Record<string, string>> | undefined): Secret {
  const metadata = { namespace: 'test', name: 'tls', uid: 'u', resourceVersion: '1' };
  return data === undefined ? { metadata } : { metadata, data };
}

describe('readCertificates()', () => {
  it('reads what secretData() has written', () => {
    assert.deepEqual(readCertificates(secret(secretData(whole))), whole);
    assert.deepEqual(readCertificates(secret(secretData({ authority, serving }))), { authority, serving });
  });

  it('has none when the Secret is empty, or a certificate and a key do not belong together', () => {
    assert.equal(readCertificates(secret(undefined)), undefined);
    assert.equal(readCertificates(secret({})), undefined);
    const mixed = { ...whole, serving: { cert: serving.cert, key: authority.key } };
    assert.equal(readCertificates(secret(secretData(mixed))), undefined);
  });

  it('goes without a next authority that is broken', () => {
    const data = { ...secretData(whole), 'next-ca.key': Buffer.from('nonsense').toString('base64') };
    assert.deepEqual(readCertificates(secret(data)), { authority, retired: next.cert, serving });
  });

  it('never throws, whatever the Secret holds', () => {
    const names = fc.constantFrom(...Object.keys(secretData(whole)));
    const base64 = fc.string().map((text) => Buffer.from(text).toString('base64'));
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(base64, fc.string())), (data) => {
        readCertificates(secret({ ...secretData(whole), ...data }));
      }),
    );
  });
});

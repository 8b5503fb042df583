import { issueAuthority, issueCertificate } from '../../webhook/certificates/issue.ts';

const DAY_MS = 24 * 3600 * 1000;

/** A certificate for one DNS name or IPv4 address, and the authority that it is trusted by; all PEM. */
export async function createServingCertificate(name: string): Promise<{ ca: string; cert: string; key: string }> {
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const authority = await issueAuthority('test authority', validity);
  const { cert, key } = await issueCertificate(authority, { commonName: name, serves: [name] }, validity);
  return { ca: authority.cert, cert, key };
}

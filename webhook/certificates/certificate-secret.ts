import { X509Certificate } from 'node:crypto';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import { belong, type KeyPair } from './key-pair.ts';
import type { Certificates } from './rotation.ts';

export const SECRETS: Resource = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

export interface Secret extends KubeObject {
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The certificates that a Secret holds; `undefined` when one is missing or is not what it should be. Nobody but the webhook
 * reads the Secret, so that every key in it can be told from a foreign one by its name.
 */
export function readCertificates({ data = {} }: Secret): Certificates | undefined {
  const text = (name: string): string | undefined => {
    const encoded = data[name];
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  };
  const pair = (prefix: string): KeyPair | undefined => {
    const [cert, key] = [text(`${prefix}.crt`), text(`${prefix}.key`)];
    return cert !== undefined && key !== undefined && belong({ cert, key }) ? { cert, key } : undefined;
  };
  const [authority, serving, next, retired] = [pair('ca'), pair('tls'), pair('next-ca'), text('retired-ca.crt')];
  if (authority === undefined || serving === undefined) return undefined;
  return {
    authority,
    serving,
    ...(next === undefined ? {} : { next }),
    ...(retired !== undefined && isCertificate(retired) ? { retired } : {}),
  };
}

/** The `data` of a Secret that holds them. */
export function secretData({ authority, next, retired, serving }: Certificates): Readonly<Record<string, string>> {
  const texts = {
    'ca.crt': authority.cert,
    'ca.key': authority.key,
    'tls.crt': serving.cert,
    'tls.key': serving.key,
    'next-ca.crt': next?.cert,
    'next-ca.key': next?.key,
    'retired-ca.crt': retired,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, Buffer.from(text).toString('base64')]],
    ),
  );
}

function isCertificate(cert: string): boolean {
  try {
    return new X509Certificate(cert).raw.length > 0;
  } catch {
    return false;
  }
}

import { SERVICES } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import { objectPath } from '../../kube/resource.ts';
import { notAsked } from './ask.ts';
import { type CheckLine, fail, ok, skip, warn } from './check-line.ts';
import type { Site } from './site.ts';

const NAME = 'metrics server';
/** What answers at all does so by then. */
const DEADLINE_MS = 5000;

/** A Service in the cluster, as a URL names it. */
export interface ServiceUrl {
  readonly namespace: string;
  readonly name: string;
  readonly scheme: 'http' | 'https';
  readonly port: string;
  readonly path: string;
}

/**
 * The Service that a URL leads to when it is resolved in a namespace; `undefined` for what is not in the cluster.
 *
 *     serviceOf('http://prometheus.monitoring:9090', 'x') is prometheus in monitoring
 */
export function serviceOf(url: string, namespace: string): ServiceUrl | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol, pathname } = new URL(url);
  const [name = '', of = namespace, svc = 'svc', ...domain] = hostname.split('.');
  const isName = [name, of].every((part) => /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(part));
  if (!isName || svc !== 'svc' || (domain.length > 0 && domain.join('.') !== 'cluster.local')) return undefined;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const usual = scheme === 'https' ? '443' : '80';
  return { namespace: of, name, scheme, port: port === '' ? usual : port, path: pathname.replace(/\/$/, '') };
}

/** Asks Prometheus through the API server whether it is ready, as the plugin is not in the cluster's network. */
export async function checkMetricsServer(
  { transport, signal }: Site,
  url: string,
  namespace: string,
): Promise<readonly CheckLine[]> {
  const service = serviceOf(url, namespace);
  if (service === undefined) return [skip(NAME, `not asked: ${url} is not a Service of the cluster`)];
  const { scheme, port, path: prefix, name } = service;
  const whole = objectPath(SERVICES, service);
  const path = `${whole.slice(0, whole.lastIndexOf('/') + 1)}${scheme}:${name}:${port}/proxy${prefix}/-/ready`;
  try {
    await transport.text({ path, signal, deadlineMs: DEADLINE_MS, accept: '*/*' });
    return [judgeMetricsServer(url, 'ready')];
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason === 'Aborted') throw error;
    return [judgeMetricsServer(url, error)];
  }
}

export function judgeMetricsServer(url: string, answer: 'ready' | KubeError): CheckLine {
  if (answer === 'ready') return ok(NAME, `${url} is ready`);
  switch (answer.status) {
    case 403:
      return notAsked(NAME, 'use services/proxy');
    case 404:
      return fail(NAME, `there is nothing at ${url}`, 'start the controller with another --metrics-server');
    case 503:
      return fail(NAME, `${url} is not ready`, 'look at the pods of that Service');
    default:
      return warn(NAME, `${url} could not be asked through the API server: ${answer.message}`);
  }
}

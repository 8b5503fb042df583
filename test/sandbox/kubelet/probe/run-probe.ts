import type { ExecTarget } from '../container-exec.ts';
import { expand } from '../expansion.ts';
import type { Container, Probe } from '../pod.ts';
import { probeExec } from './exec.ts';
import { probeGrpc } from './grpc.ts';
import { httpCall, probeHttp } from './http.ts';
import { resolvePort } from './port.ts';
import { failure, type ProbeResult } from './result.ts';
import { probeTcp } from './tcp.ts';

/** What is probed. */
export interface ProbeTarget {
  readonly container: Container;
  readonly address: string;
  readonly exec: ExecTarget;
}

/** Runs a probe once. Throws for one that cannot be run at all, such as one of a port that has no number. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const { container, address } = target;
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec !== undefined) {
    const variables = target.exec.environment;
    return probeExec(
      target.exec,
      (probe.exec.command ?? []).map((word) => expand(word, variables)),
      timeoutMs,
    );
  }
  if (probe.httpGet !== undefined) return probeHttp(httpCall(probe.httpGet, container, address, 'probe'), timeoutMs);
  if (probe.tcpSocket !== undefined) {
    return probeTcp(probe.tcpSocket.host ?? address, resolvePort(probe.tcpSocket.port, container), timeoutMs);
  }
  if (probe.grpc !== undefined) return probeGrpc(address, probe.grpc.port, probe.grpc.service ?? '', timeoutMs);
  return failure('missing probe handler');
}

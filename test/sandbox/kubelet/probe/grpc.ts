import { connect } from 'node:http2';
import { decodeHealthResponse, encodeHealthRequest } from './health-message.ts';
import { dialError, failure, type ProbeResult, success } from './result.ts';

const UNIMPLEMENTED = '12';

/** Asks the program's gRPC health service, in clear text as all kubelets do. SERVING is a success. */
export function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const session = connect(`http://${host}:${port}`);
    let connected = false;
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      const within = `${timeoutMs / 1000}s`;
      end(
        failure(
          connected
            ? `timeout: health rpc did not complete within ${within}`
            : `timeout: failed to connect service "${host}:${port}" within ${within}: context deadline exceeded`,
        ),
      );
    }, timeoutMs);
    session.once('connect', () => {
      connected = true;
    });
    session.on('error', (error) => {
      end(failure(`error: failed to connect service at "${host}:${port}": ${dialError(host, port, error)}`));
    });

    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe/1.36',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let code: string | undefined;
    let message = '';
    const readStatus = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers['grpc-status'] === undefined) return;
      code = headers['grpc-status'] as string;
      message = decodeMessage(headers['grpc-message'] as string | undefined);
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error: Error) => end(failure(`error: health rpc probe failed: ${error.message}`)));
    stream.on('end', () => {
      if (code === UNIMPLEMENTED) {
        end(
          failure(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`),
        );
      } else if (code !== '0') {
        end(failure(`error: health rpc probe failed: rpc error: code = ${code ?? 'unknown'} desc = ${message}`));
      } else {
        const status = decodeHealthResponse(Buffer.concat(chunks));
        end(
          status === 'SERVING' ? success('service healthy') : failure(`service unhealthy (responded with "${status}")`),
        );
      }
    });
    stream.end(encodeHealthRequest(service));
  });
}

/** gRPC sends messages percent-encoded; one that is not is shown as it is. */
function decodeMessage(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The two messages of grpc.health.v1.Health/Check in protobuf, and gRPC's frame around them (a flag and a length).
 * `HealthCheckRequest { string service = 1; }`, `HealthCheckResponse { ServingStatus status = 1; }`.
 */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const STATUSES: readonly ServingStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** The status in a framed response. An empty message is the default, UNKNOWN; fields that we do not know are skipped. */
export function decodeHealthResponse(frame: Buffer): ServingStatus {
  const message = frame.subarray(5, 5 + (frame.length >= 5 ? frame.readUInt32BE(1) : 0));
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; at < message.length; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  let status = 0;
  while (at < message.length) {
    const tag = next();
    if (tag === 0x08) status = next();
    else if ((tag & 7) === 0) next();
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 2) at += next();
    else if ((tag & 7) === 5) at += 4;
    else break;
  }
  return STATUSES[status] ?? 'UNKNOWN';
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

import { get as httpGet, type IncomingHttpHeaders } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** GET over a connection of its own, so that each request is balanced anew. `host` is the Host header. */
export function get(
  url: string,
  { host, ...headers }: Readonly<Record<string, string | undefined>> = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, {
      agent: false,
      timeout: 10_000,
      headers: { ...headers, ...(host === undefined ? {} : { host }) },
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within 10 s`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
  });
}

/** As `get`, but an answer other than 200 is an error. */
export async function getOk(url: string, headers: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
  const { status, body } = await get(url, headers);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body.slice(0, 200)}`);
  return body;
}

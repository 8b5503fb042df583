import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { discoverPorts, type ServicePort } from './port-discovery.ts';
import type { Container } from './workload.ts';

const MAIN: ServicePort = { name: 'http', port: 80, targetPort: 9898, protocol: 'TCP' };

/** `name:port/protocol`, all that tells one from another. */
function found(containers: readonly Container[], main: Partial<ServicePort> = {}): readonly string[] {
  const ports = discoverPorts({ spec: { containers } }, { ...MAIN, ...main });
  for (const { port, targetPort } of ports) assert.equal(targetPort, port);
  return ports.map(({ name, port, protocol }) => `${name}:${port}/${protocol}`);
}

describe('discoverPorts()', () => {
  it('leaves out what the main port leads to, by number and by name', () => {
    const ports = [
      { name: 'web', containerPort: 9898 },
      { name: 'grpc', containerPort: 9999 },
    ];
    assert.deepEqual(found([{ name: 'app', ports }]), ['grpc:9999/TCP']);
    assert.deepEqual(found([{ name: 'app', ports }], { targetPort: 'grpc' }), ['web:9898/TCP']);
  });

  it('leaves out the ports of Istio', () => {
    const istio = { name: 'istio-proxy', ports: [{ name: 'envoy', containerPort: 9000 }] };
    const app = { name: 'app', ports: [14999, 15000, 15021, 15090, 15091].map((containerPort) => ({ containerPort })) };
    assert.deepEqual(found([istio, app]), ['tcp-app:14999/TCP', 'tcp-app-15091:15091/TCP']);
  });

  it('calls ports without a name after their container, and gives way to names that people gave', () => {
    const containers = [
      { name: 'app', ports: [{ containerPort: 1 }, { containerPort: 2 }, { containerPort: 53, protocol: 'UDP' }] },
      {
        name: 'side',
        ports: [
          { name: 'tcp-app', containerPort: 3 },
          { name: 'http', containerPort: 4 },
        ],
      },
    ];
    assert.deepEqual(found(containers), [
      'tcp-app:3/TCP',
      'http-4:4/TCP',
      'tcp-app-1:1/TCP',
      'tcp-app-2:2/TCP',
      'udp-app:53/UDP',
    ]);
  });

  it('has one port for each number and protocol', () => {
    const dns = [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53 },
    ];
    const again = [{ containerPort: 53 }, { name: 'admin', containerPort: 80 }];
    assert.deepEqual(found([{ name: 'a', ports: dns }, { name: 'b', ports: again }, { name: 'c' }]), [
      'dns:53/UDP',
      'dns-tcp:53/TCP',
    ]);
    assert.deepEqual(discoverPorts({}, MAIN), []);
  });

  it('gives names that a Service may have, each once', () => {
    const port = fc.record(
      {
        name: fc.constantFrom('http', 'tcp-a', 'tcp-a-2', 'x'),
        containerPort: fc.integer({ min: 1, max: 4 }),
        protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      },
      { requiredKeys: ['containerPort'] },
    );
    const container = fc.record({
      name: fc.constantFrom('a', 'a-2', `${'b'.repeat(58)}-${'c'.repeat(4)}`),
      ports: fc.array(port, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(container, { maxLength: 5 }), (containers) => {
        const ports = [MAIN, ...discoverPorts({ spec: { containers } }, MAIN)];
        assert.equal(new Set(ports.map(({ name }) => name)).size, ports.length);
        assert.equal(new Set(ports.map(({ port: number, protocol }) => `${number}/${protocol}`)).size, ports.length);
        for (const { name } of ports) assert.match(name, /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });
});

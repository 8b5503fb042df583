import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodSpec } from './pod.ts';
import { hostsFile, resolvConf } from './root-files.ts';

const dns = { server: '10.96.0.10', domain: 'cluster.local', nodeFile: 'search example.org\nnameserver 192.0.2.1\n' };

function podOf(spec: Partial<PodSpec>): Pod {
  return {
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1' },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

test('resolvConf() points at the cluster by default', () => {
  assert.equal(
    resolvConf(podOf({}), dns),
    'search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  );
});

test('resolvConf() takes the node for Default and for the host network', () => {
  const node = 'search example.org\nnameserver 192.0.2.1\n';
  assert.equal(resolvConf(podOf({ dnsPolicy: 'Default' }), dns), node);
  assert.equal(resolvConf(podOf({ hostNetwork: true }), dns), node);
});

test('resolvConf() adds dnsConfig, whose options win', () => {
  const dnsConfig = {
    nameservers: ['1.2.3.4'],
    searches: ['x'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  };
  assert.equal(
    resolvConf(podOf({ dnsPolicy: 'None', dnsConfig }), dns),
    'search x\nnameserver 1.2.3.4\noptions ndots:2 edns0\n',
  );
  assert.match(resolvConf(podOf({ dnsConfig }), dns), /options ndots:2 edns0/);
});

test('hostsFile() names the pod and its aliases', () => {
  const pod = podOf({ subdomain: 's', hostAliases: [{ ip: '1.1.1.1', hostnames: ['a', 'b'] }] });
  const text = hostsFile(pod, '10.244.0.5', 'cluster.local');
  assert.match(text, /\n10\.244\.0\.5\tp\.s\.ns\.svc\.cluster\.local\tp\n/);
  assert.match(text, /\n# Entries added by HostAliases\.\n1\.1\.1\.1\ta\tb\n$/);
});

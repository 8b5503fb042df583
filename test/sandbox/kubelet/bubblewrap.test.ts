import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bind, bubblewrapArguments, type Rootfs } from './bubblewrap.ts';

const hostDirectories = ['/usr/bin', '/usr/lib', '/etc/ssl'];

function argumentsFor(rootfs: Partial<Rootfs>, user = 0): string {
  return bubblewrapArguments(
    {
      rootfs: { hostDirectories, binds: [], readOnly: false, ...rootfs },
      hostname: 'pod',
      workingDir: '/work',
      user,
      group: user,
      capabilities: ['CAP_KILL'],
      environment: new Map([['a.b', 'c d']]),
      command: ['run', '--it'],
      statusFd: 3,
      readyFd: 4,
    },
    (path) => (path === '/usr/bin' ? ['sh', 'env'] : []),
  ).join(' ');
}

function bind(target: string): Bind {
  return { source: '/file', target, readOnly: true };
}

test('the root has the directories of the machine, links and the command', () => {
  const text = argumentsFor({});
  assert.match(text, /--ro-bind \/usr\/bin \/usr\/bin /);
  assert.match(text, /--symlink usr\/bin \/bin /);
  assert.match(text, / -- \/usr\/bin\/sh -c .* sh \/usr\/bin\/env -i a\.b=c d run --it$/);
  assert.doesNotMatch(text, /--unshare-user/);
});

test('a bind below a directory of the machine turns it into links', () => {
  const text = argumentsFor({ binds: [bind('/bin/contour')] });
  assert.doesNotMatch(text, /--ro-bind \/usr\/bin \/usr\/bin /);
  assert.match(text, /--ro-bind \/usr \/\.host\/usr --dir \/usr\/bin --symlink \/\.host\/usr\/bin\/sh \/usr\/bin\/sh/);
  assert.match(text, /--ro-bind \/file \/usr\/bin\/contour/);
});

test('a bind over an existing program replaces it', () => {
  assert.doesNotMatch(argumentsFor({ binds: [bind('/usr/bin/env')] }), /--symlink \/\.host\/usr\/bin\/env/);
});

test('a bind over a whole directory of the machine needs no links', () => {
  assert.doesNotMatch(argumentsFor({ binds: [bind('/etc/ssl')] }), /\.host/);
});

test('a read-only root has no writable /tmp', () => {
  const text = argumentsFor({ readOnly: true });
  assert.match(text, /--dir \/tmp /);
  assert.match(text, /--remount-ro \/ /);
});

test('another user than root gets a user namespace', () => {
  assert.match(argumentsFor({}, 1000), /--unshare-user --uid 1000 --gid 1000/);
});

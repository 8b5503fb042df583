import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from './failure.ts';
import { placesOf, sandboxFolder } from './places.ts';

describe('the sandbox’s folders', () => {
  it('follow the XDG variables, and their defaults when these are empty', () => {
    assert.deepEqual(placesOf({ XDG_CACHE_HOME: '/c', XDG_STATE_HOME: '/s' }), {
      cache: '/c/kubectl-canary',
      sandboxes: '/s/kubectl-canary/sandboxes',
    });
    assert.match(placesOf({ XDG_CACHE_HOME: '' }).cache, /\/\.cache\/kubectl-canary$/);
  });

  it('are never outside, whatever the name', () => {
    const places = placesOf({ XDG_STATE_HOME: '/s' });
    assert.equal(sandboxFolder(places, 'a-1'), '/s/kubectl-canary/sandboxes/a-1');
    for (const name of ['', '..', 'a/b', '-a', 'A', 'a'.repeat(33)]) {
      assert.throws(() => sandboxFolder(places, name), Failure);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorOfResponse, errorOfStatus, isConflict, isNotFound, retryAfterMs } from './errors.ts';

describe('errorOfResponse()', () => {
  it('says what was asked and what the API server said', () => {
    const body = JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound', message: 'pods "a" not found' });
    const error = errorOfResponse('GET /api/v1/namespaces/b/pods/a', 404, body);
    assert.equal(error.message, 'GET /api/v1/namespaces/b/pods/a: 404 pods "a" not found');
    assert.equal(error.reason, 'NotFound');
    assert.ok(isNotFound(error));
    assert.ok(!isConflict(error));
  });

  it('takes one short line of an answer that is no Status', () => {
    const error = errorOfResponse('GET /x', 502, `<html>Bad gateway${'!'.repeat(500)}\n<body>`);
    assert.equal(error.reason, 'Unknown');
    assert.ok(error.message.length < 250 && !error.message.includes('\n'), error.message);
  });

  it('knows how long to wait, from the header before the Status', () => {
    const status = JSON.stringify({ kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } });
    assert.equal(errorOfResponse('GET /x', 429, status).retryAfterMs, 3000);
    assert.equal(errorOfResponse('GET /x', 429, status, 1000).retryAfterMs, 1000);
    assert.equal(errorOfResponse('GET /x', 503, '').retryAfterMs, undefined);
  });

  it('does not trust what a Status says', () => {
    for (const details of [{ retryAfterSeconds: -1 }, { retryAfterSeconds: 'soon' }, null, 7]) {
      assert.equal(errorOfResponse('GET /x', 429, JSON.stringify({ details })).retryAfterMs, undefined);
    }
    assert.equal(errorOfResponse('GET /x', 500, '[null]').reason, 'Unknown');
    assert.equal(errorOfResponse('GET /x', 500, '{"reason":7,"message":[]}').reason, 'Unknown');
  });
});

describe('retryAfterMs()', () => {
  const now = new Date('2026-11-21T10:00:00Z');

  it('reads seconds', () => assert.equal(retryAfterMs('2', now), 2000));

  it('reads a date, which may have passed', () => {
    assert.equal(retryAfterMs('Sat, 21 Nov 2026 10:00:05 GMT', now), 5000);
    assert.equal(retryAfterMs('Sat, 21 Nov 2026 09:00:00 GMT', now), 0);
  });

  it('is undefined for anything else', () => {
    for (const header of [undefined, '', 'soon', '-3', '1e3']) assert.equal(retryAfterMs(header, now), undefined);
  });
});

describe('errorOfStatus()', () => {
  it('survives a Status without anything in it', () => {
    assert.equal(errorOfStatus('watch', undefined).status, 0);
    assert.equal(errorOfStatus('watch', {}).reason, 'Unknown');
  });
});

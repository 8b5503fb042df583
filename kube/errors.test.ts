import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorOfResponse, errorOfStatus, isConflict, isNotFound } from './errors.ts';

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

  it('knows how long to wait, from the Status or the header', () => {
    const status = JSON.stringify({ kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } });
    assert.equal(errorOfResponse('GET /x', 429, status, '1').retryAfterMs, 3000);
    assert.equal(errorOfResponse('GET /x', 429, '', '2').retryAfterMs, 2000);
    assert.equal(errorOfResponse('GET /x', 503, '').retryAfterMs, undefined);
    assert.equal(errorOfResponse('GET /x', 503, '', 'Sat, 21 Nov 2026 10:00:00 GMT').retryAfterMs, undefined);
  });
});

describe('errorOfStatus()', () => {
  it('survives a Status without anything in it', () => {
    assert.equal(errorOfStatus('watch', undefined).status, 0);
    assert.equal(errorOfStatus('watch', {}).reason, 'Unknown');
  });
});

// What `kubectl canary check` says while the webhook is gone. In a cluster where nobody else needs it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sandboxOnly } from '../cluster.ts';
import { installedPlugin } from '../plugin/installed-plugin.ts';
import { scaleTo, webhookDeployed } from './deployed.ts';

describe('kubectl canary check, of the webhook', { skip: sandboxOnly('it stops the webhook') }, () => {
  const plugin = installedPlugin();
  webhookDeployed();

  it('says that it is gone and what to type, and waits until it is back', async () => {
    await scaleTo(0);
    const { exitCode, stdout } = await plugin.run(['check']);
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^✖ webhook +it is scaled to zero\n +fix: kubectl -n kubectl-canary scale deployment\/canary-webhook --replicas=2$/m,
    );
    assert.match(
      stdout,
      /^✖ admission of canaries +a canary that is wrong was admitted: the webhook does not answer$/m,
    );
    assert.match(stdout, /^✖ stamp of actions +nobody writes who asks for an action/m);
    const inVain = await plugin.run(['check', '--wait', '3s']);
    assert.equal(inVain.exitCode, 124);
    const waited = plugin.run(['check', '--wait', '2m']);
    await scaleTo(2);
    const { exitCode: code, stdout: said } = await waited;
    assert.equal(code, 0, said);
  });
});

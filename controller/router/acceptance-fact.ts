import type { Acceptance } from '../decide/observation.ts';
import type { Acceptance as RouterAcceptance } from './router.ts';

/** What a router says, as it is decided on. */
export function acceptanceFact(acceptance: RouterAcceptance): Acceptance {
  return acceptance.kind === 'refused' ? { refused: acceptance.message } : acceptance.kind;
}

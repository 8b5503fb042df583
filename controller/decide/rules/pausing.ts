// A person holds a release where it is.
import { byOf, type RequestedAction } from '../requested-action.ts';
import type { Rule, Situation } from '../situation.ts';
import { changed, iso } from '../status.ts';
import { askedFor, normal } from '../texts.ts';
import { done, rejected, unchanged, type Verdict } from '../verdict.ts';
import { waiting } from '../wait.ts';
import { primaryIsThere, servicesAreTrue } from './standing.ts';

/** No step and nothing measured. What keeps users from harm goes on: all rules before this one. */
export const isPaused: Rule = (situation) => {
  const { status } = situation;
  if (status.paused === undefined) return undefined;
  const message = `it is paused, and is held where it is until it is resumed: ${askedFor(status.paused)}`;
  return primaryIsThere(situation) ?? servicesAreTrue(situation) ?? waiting(status, { reason: 'Paused', message });
};

export function pause(situation: Situation, action: RequestedAction): Verdict {
  const { status, now, canaryTitle } = situation;
  if (status.phase === 'Promoting') {
    return rejected('it is being promoted: abort takes it back, and a primary that is half replaced is not held');
  }
  if (status.paused !== undefined) return unchanged(`it is paused already: ${askedFor(status.paused)}`);
  const paused = { ...byOf(action), at: iso(now) };
  const text = `Paused ${canaryTitle}: ${askedFor(paused)}`;
  const held = status.desiredWeight ?? 0;
  return done(changed(status, { paused }), [normal('Pause', text)], `held at weight ${held}`);
}

export function resume(situation: Situation, action: RequestedAction): Verdict {
  const { status, now, canaryTitle } = situation;
  if (status.paused === undefined) return unchanged('it is not paused');
  const text = `Resumed ${canaryTitle}: ${askedFor(byOf(action))}`;
  const going = changed(status, { paused: undefined, resumedAt: iso(now), waitingFor: undefined });
  return done(going, [normal('Resume', text)], `goes on at weight ${status.desiredWeight ?? 0}`);
}

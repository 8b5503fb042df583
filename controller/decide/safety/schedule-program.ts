// Plays the schedules that it is asked to, and answers with what is wrong with them, which is nothing as a rule.
import { getEachMessage, sendMessage } from 'execa';
import { decide } from '../decide.ts';
import { assertKept } from './kept.ts';
import type { Schedules } from './schedule-player.ts';

for await (const schedules of getEachMessage()) await sendMessage(wrongIn(schedules as unknown as Schedules));

function wrongIn(schedules: Schedules): string {
  try {
    assertKept(decide, schedules);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

import { createContext, Script } from 'node:vm';
import { type PumpedText, pumpedTexts } from './pumped-texts.ts';

/** In characters; the second is eight times the first. */
const SHORT = 1024;
const LONG = 8 * SHORT;
/** What ends in this is linear enough: with n², 8192 characters take tens of milliseconds at least. */
const QUICK_MS = 2;
/** Eight times the text takes 8 times as long, and 64 with n². */
const MOST_GROWTH = 24;
/** For all texts of one expression. Only one that takes exponential time, or n³, needs as much. */
const DEADLINE_MS = 5000;

const measure = new Script(`{
  const once = (text) => {
    const start = now();
    expression.lastIndex = 0;
    expression.test(text);
    text.replace(expression, '');
    return now() - start;
  };
  const least = (text, times) => Math.min(...Array.from({ length: times }, () => once(text)));
  const isSlow = (text, times) => {
    const long = least(grown(text, ${LONG}), times);
    return long > ${QUICK_MS} && long > ${MOST_GROWTH} * least(grown(text, ${SHORT}), times);
  };
  // What was slow once may have been interrupted.
  texts.find((text) => isSlow(text, 1) && isSlow(text, 5));
}`);

/**
 * The first of the texts made for an expression that it takes more than linear time for, as its searches and its replacements
 * go on a machine with anything else to do; `undefined` where there is none.
 */
export function slowText(source: string, flags: string, deadlineMs = DEADLINE_MS): PumpedText | 'any' | undefined {
  const texts = pumpedTexts(source, flags);
  const context = createContext({
    ...{ texts, grown, expression: new RegExp(source, flags) },
    now: () => performance.now(),
  });
  try {
    return measure.runInContext(context, { timeout: deadlineMs }) as PumpedText | undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'any';
    throw error;
  }
}

function grown({ before, pump, after }: PumpedText, length: number): string {
  return before + pump.repeat(Math.max(1, Math.floor(length / pump.length))) + after;
}

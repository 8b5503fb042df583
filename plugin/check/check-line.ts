/** What one look at a cluster came to. */
export interface CheckLine {
  /** What was looked at, in few words. */
  readonly name: string;
  /** `skip` is what could not be asked, and says nothing of how it is. */
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skip';
  /** Begins in lower case and ends without a full stop. */
  readonly text: string;
  /** What to type, or where to look. */
  readonly fix?: string;
}

type Judged = (name: string, text: string, fix?: string) => CheckLine;

const judged =
  (verdict: CheckLine['verdict']): Judged =>
  (name, text, fix) => ({ name, verdict, text, ...(fix !== undefined && { fix }) });

export const ok = judged('ok');
export const warn = judged('warn');
export const fail = judged('fail');
export const skip = judged('skip');

/** All that is installed, and so what mends most of it. */
export const INSTALL = 'kubectl apply -k manifests';

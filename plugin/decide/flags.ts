/** What stands behind every command that changes something. */
export interface DecisionFlags {
  readonly selector?: string;
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  readonly dryRun: DryRun;
  readonly reason?: string;
  readonly errorUnchanged?: boolean;
  readonly fieldManager: string;
  readonly output?: string;
}

/** And behind all of them, as the controller has a word in it. */
export interface WaitFlags extends DecisionFlags {
  readonly wait: boolean;
  /** Milliseconds; 0 is without end. */
  readonly timeout: number;
}

/** And behind those that are about a revision. */
export interface AnsweredFlags extends WaitFlags {
  readonly revision?: string;
}

/** `client`: nothing is sent that could change anything. `server`: the API server does all but keep it. */
export type DryRun = 'none' | 'client' | 'server';

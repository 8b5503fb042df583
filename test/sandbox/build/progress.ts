/** Where long work tells how far it is. */
export interface Progress {
  start(title: string): Step;
  note(text: string): void;
}

export interface Step {
  readonly stage: (text: string) => void;
  done(result: string): void;
}

const STILL_ALIVE_MS = 20_000;

/**
 * Lines such as `[2/8] coredns v1.15.0: compiling coredns ... 40 s`. A terminal sees one line that changes; anything
 * else, such as a CI log, a line for each stage and a sign of life each 20 seconds.
 */
export function lineProgress(out: NodeJS.WriteStream): Progress {
  const rewrite = out.isTTY;
  return {
    note: (text) => void out.write(`${text}\n`),
    start(title) {
      const started = Date.now();
      let stage = '';
      const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
      const show = () =>
        void out.write(rewrite ? `\r\x1b[K${title}: ${stage}, ${seconds()}` : `${title}: ${stage}, ${seconds()}\n`);
      const timer = setInterval(show, rewrite ? 1000 : STILL_ALIVE_MS);
      timer.unref();
      return {
        stage(text) {
          stage = text;
          show();
        },
        done(result) {
          clearInterval(timer);
          out.write(`${rewrite ? '\r\x1b[K' : ''}${title}: ${result}, ${seconds()}\n`);
        },
      };
    },
  };
}

// Loaded before a program: at SIGUSR2 its time of day jumps by CLOCK_JUMP_MS, forth or back, and its steady clock does not.
// With CLOCK_JUMPED it has done so before.
const RealDate = Date;
const jumpMs = Number(process.env['CLOCK_JUMP_MS']);
let jumpedMs = process.env['CLOCK_JUMPED'] === undefined ? 0 : jumpMs;

class JumpingDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(RealDate.now() + jumpedMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + jumpedMs;
  }
}

globalThis.Date = JumpingDate as DateConstructor;
process.on('SIGUSR2', () => {
  jumpedMs = jumpMs;
});

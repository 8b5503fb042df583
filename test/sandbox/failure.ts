/** A condition that the user can mend: shown as one line, without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

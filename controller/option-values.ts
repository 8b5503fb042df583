import { InvalidArgumentError } from 'commander';

/** A whole number within bounds. @throws {InvalidArgumentError} */
export function wholeNumber(text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < least || number > most) {
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  }
  return number;
}

/** What stands between commas, without blanks around it; nothing of what is empty. */
export function listItems(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

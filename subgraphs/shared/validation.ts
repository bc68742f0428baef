import { badUserInput } from '../../platform/errors.js';

export interface TextLimits {
  /** Characters after trimming. @default 1 */
  readonly minLength?: number;
  /** Characters after trimming. */
  readonly maxLength: number;
}

/**
 * @returns the text, trimmed
 * @throws CodedError `BAD_USER_INPUT` that names `argument`, such as `input.name`
 */
export function requireText(argument: string, value: unknown, limits: TextLimits): string {
  const { minLength = 1, maxLength } = limits;
  if (typeof value !== 'string') throw badUserInput(argument, 'must be text.');
  const text = value.trim();
  // Counted as people count: an emoji is one character, not two.
  const length = text.length <= minLength || text.length > maxLength ? [...text].length : text.length;
  if (length < minLength) {
    throw badUserInput(
      argument,
      minLength === 1 ? 'must not be empty.' : `must have at least ${minLength} characters.`,
    );
  }
  if (length > maxLength) throw badUserInput(argument, `must have at most ${maxLength} characters.`);
  return text;
}

export interface IntegerLimits {
  readonly min: number;
  readonly max: number;
}

/** @throws CodedError `BAD_USER_INPUT` that names `argument` */
export function requireInteger(argument: string, value: unknown, { min, max }: IntegerLimits): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw badUserInput(argument, `must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

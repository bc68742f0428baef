/**
 * For a terminal. What the registry tells was written by other teams, and by clients who name themselves as they like: with
 * control characters they could have others see what is not there.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}

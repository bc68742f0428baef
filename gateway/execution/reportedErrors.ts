/** What an answer reports as failed: whatever stands where a list of errors should, somebody has to see it. */
export function reportedErrors(errors: unknown): readonly unknown[] {
  if (errors === undefined || errors === null) return [];
  return Array.isArray(errors) ? errors : [errors];
}

/** This try counts for nothing: the same one comes again later, however often. For what no dead letter may hide. */
export class Postponement extends Error {
  override readonly name = 'Postponement';
}

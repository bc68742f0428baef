const QUERY_KEY = Buffer.from('"query"');
const ESCAPE = Buffer.from('\\u');
/** The last two name an operation by its id, so that its text need not be there. */
const DOUBTS = ['mutation', 'subscription', '"persistedQuery"', '"documentId"'].map((word) =>
  Buffer.from(word),
);

/**
 * Whether a raw JSON body can be told to hold nothing but queries without parsing it: an operation of another kind
 * needs its keyword spelled out, and no escape may hide one. Says no when in doubt; only queries may share an answer.
 */
export function surelyQuery(body: Buffer): boolean {
  return body.includes(QUERY_KEY) && !body.includes(ESCAPE) && !DOUBTS.some((word) => body.includes(word));
}

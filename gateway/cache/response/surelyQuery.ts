const QUERY_KEY = Buffer.from('"query"');
const ESCAPE = Buffer.from('\\u');
/** The last names an operation by its hash, so that its text need not be there. */
const DOUBTS = [Buffer.from('mutation'), Buffer.from('subscription'), Buffer.from('"persistedQuery"')];

/**
 * Whether a raw JSON body can be told to hold nothing but queries without parsing it: an operation of another kind
 * needs its keyword spelled out, and no escape may hide one. Says no when in doubt; only queries may share an answer.
 */
export function surelyQuery(body: Buffer): boolean {
  return body.includes(QUERY_KEY) && !body.includes(ESCAPE) && !DOUBTS.some((word) => body.includes(word));
}

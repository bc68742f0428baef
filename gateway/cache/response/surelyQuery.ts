const QUERY_KEY = Buffer.from('"query"');
const ESCAPE = Buffer.from('\\u');
const WRITES = [Buffer.from('mutation'), Buffer.from('subscription')];

/**
 * Whether a raw JSON body can be told to hold nothing but queries without parsing it: an operation of another kind
 * needs its keyword spelled out, and no escape may hide one. Says no when in doubt; only queries may share an answer.
 */
export function surelyQuery(body: Buffer): boolean {
  return (
    body.includes(QUERY_KEY) && !body.includes(ESCAPE) && !WRITES.some((keyword) => body.includes(keyword))
  );
}

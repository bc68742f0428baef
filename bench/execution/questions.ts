import { graphqlSync } from 'graphql';
import { monolith, PRODUCT_COUNT, USER_COUNT } from './catalogue.js';

/** One kind of request, with what has to be answered. */
export interface Question {
  readonly name: string;
  /** Bodies of POST requests, sent in turn. */
  readonly bodies: readonly string[];
  /** For each body, the canonical text of the right `data`. */
  readonly expected: readonly string[];
}

const FRAGMENTS = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }`;

const HEAVY = `query Heavy($shift: Int) {
    users(shift: $shift) { ...User reviews { ...Review product { ...Product reviews { ...Review author {
      ...User reviews { ...Review product { ...Product } } } } } } }
  }${FRAGMENTS}`;

const PAGE = `query Page($upc: ID!) { product(upc: $upc) { ...Product reviews { ...Review author { ...User } } } }${FRAGMENTS}`;

const SMALL = 'query Small($id: ID!) { user(id: $id) { id name } }';

const idsUpTo = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

function question(name: string, query: string, variables: readonly Record<string, unknown>[]): Question {
  return {
    name,
    bodies: variables.map((values) => JSON.stringify({ query, variables: values })),
    expected: variables.map((variableValues) => {
      const { data, errors } = graphqlSync({ ...monolith, source: query, variableValues });
      if (errors) throw new Error(`the monolith fails: ${errors.join()}`);
      return JSON.stringify(data);
    }),
  };
}

/** Each once with the same variables in every request, and once with others in turn. */
export const QUESTIONS: readonly Question[] = [
  question('heavy query (identical)', HEAVY, [{ shift: 0 }]),
  question(
    'heavy query (varied)',
    HEAVY,
    idsUpTo(USER_COUNT).map((shift) => ({ shift: Number(shift) })),
  ),
  question('product page (identical)', PAGE, [{ upc: '1' }]),
  question(
    'product page (varied)',
    PAGE,
    idsUpTo(PRODUCT_COUNT).map((upc) => ({ upc })),
  ),
  question('small query (identical)', SMALL, [{ id: '1' }]),
  question(
    'small query (varied)',
    SMALL,
    idsUpTo(USER_COUNT).map((id) => ({ id })),
  ),
];

/** Decides whether answers are right: by their bytes where those were seen before, else by what they mean. */
export function answerCheck({ expected }: Question): (body: Buffer, index: number) => boolean {
  const accepted = expected.map((): Buffer[] => []);
  return (body, index) => {
    const known = accepted[index] ?? [];
    if (known.some((bytes) => bytes.equals(body))) return true;
    const answer = JSON.parse(body.toString('utf8')) as { data?: unknown; errors?: unknown };
    if (answer.errors !== undefined || JSON.stringify(answer.data) !== expected[index]) return false;
    known.push(Buffer.from(body));
    return true;
  };
}

import { GraphQLError, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { LimitsConfig } from './limitsConfig.js';
import { type DocumentSize, measureDocument } from './measureDocument.js';
import { measureVariables } from './measureVariables.js';

export const LIMITS = [
  'tokens',
  'depth',
  'fields',
  'rootFields',
  'aliases',
  'directives',
  'listItems',
  'listDepth',
  'variableValues',
  'variableDepth',
] as const;
export type LimitName = (typeof LIMITS)[number];

/** What a client sends, over whatever transport. */
export interface OperationText {
  readonly query?: string | undefined;
  readonly variables?: unknown;
}

export interface OperationLimits {
  /**
   * Before anything else is done with an operation. What is no GraphQL passes: the parser says that better.
   * @throws CodedError `OPERATION_LIMIT_EXCEEDED`
   */
  admit(operation: OperationText): void;
  /** What a document measures; `undefined` when it is none, or too large to be looked at. For those who develop. */
  sizeOf(query: string): DocumentSize | undefined;
}

export interface OperationLimitsOptions {
  readonly config: LimitsConfig;
  readonly logger: Logger;
  count?(limit: LimitName, outcome: 'refused' | 'warned'): void;
}

interface Excess {
  readonly limit: LimitName;
  readonly maximum: number;
}

interface Verdict {
  readonly size: DocumentSize | undefined;
  readonly excesses: readonly Excess[];
}

const KEPT_TEXT_CHARACTERS = 16 * 1024 * 1024;

/** Measures each text once: a document that was sent before costs a look-up. */
export function createOperationLimits(options: OperationLimitsOptions): OperationLimits {
  const { config, logger, count = () => {} } = options;
  const verdicts = new LRUCache<string, Verdict>({
    max: 10_000,
    maxSize: KEPT_TEXT_CHARACTERS,
    sizeCalculation: (_verdict, text) => text.length + 200,
  });

  function verdictOn(query: string): Verdict {
    let verdict = verdicts.get(query);
    if (verdict === undefined) {
      verdict = judge(query, config);
      verdicts.set(query, verdict);
    }
    return verdict;
  }

  function refuse({ limit, maximum }: Excess): void {
    if (config.mode === 'warn') {
      count(limit, 'warned');
      logger.warn({ limit, maximum }, 'an operation is beyond a limit');
      return;
    }
    count(limit, 'refused');
    throw new CodedError('OPERATION_LIMIT_EXCEEDED', `${WORDS[limit]}: ${maximum} at most.`, {
      extensions: { limit, maximum },
    });
  }

  return {
    admit({ query, variables }) {
      if (config.mode === 'off') return;
      // In the mode `warn` each counts, so that raising one limit shows no other for the first time.
      if (query !== undefined && query !== '') verdictOn(query).excesses.forEach(refuse);
      if (variables) excessesOfVariables(variables, config).forEach(refuse);
    },
    sizeOf: (query) => verdictOn(query).size,
  };
}

const WORDS: Record<LimitName, string> = {
  tokens: 'The document is too long, in tokens',
  depth: 'Fields are nested too deeply',
  fields: 'The operation has too many fields',
  rootFields: 'The operation has too many fields at its root',
  aliases: 'The document has too many aliases',
  directives: 'The document has too many directives',
  listItems: 'A list has too many elements',
  listDepth: 'Lists are nested too deeply',
  variableValues: 'The variables have too many values',
  variableDepth: 'The variables are nested too deeply',
};

function judge(query: string, config: LimitsConfig): Verdict {
  try {
    const size = measureDocument(parse(query, { noLocation: true, maxTokens: config.maxTokens }));
    return { size, excesses: excessesOf(size, config) };
  } catch (error) {
    // Nested so deeply that the parser itself gave up.
    if (error instanceof RangeError) {
      return { size: undefined, excesses: [{ limit: 'depth', maximum: config.maxDepth }] };
    }
    const isTooLong = error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message);
    return {
      size: undefined,
      excesses: isTooLong ? [{ limit: 'tokens', maximum: config.maxTokens }] : [],
    };
  }
}

const TOO_MANY_TOKENS = /Document contains more tha[nt] \d+ tokens/;

const NONE: readonly Excess[] = [];

function excessesOf(size: DocumentSize, config: LimitsConfig): readonly Excess[] {
  return beyond([
    ['depth', size.depth, config.maxDepth],
    ['fields', size.fields, config.maxFields],
    ['rootFields', size.rootFields, config.maxRootFields],
    ['aliases', size.aliases, config.maxAliases],
    ['directives', size.directives, config.maxDirectives],
    ['listItems', size.listItems, config.maxListItems],
    ['listDepth', size.listDepth, config.maxListDepth],
  ]);
}

function excessesOfVariables(variables: unknown, config: LimitsConfig): readonly Excess[] {
  const { listItems, values, depth } = measureVariables(variables);
  const { maxVariableDepth, maxVariableValues, maxListItems } = config;
  // Of each request, so without a list for those that fit.
  if (depth <= maxVariableDepth && values <= maxVariableValues && listItems <= maxListItems) return NONE;
  return beyond([
    ['variableDepth', depth, maxVariableDepth],
    ['variableValues', values, maxVariableValues],
    ['listItems', listItems, maxListItems],
  ]);
}

function beyond(
  measured: readonly (readonly [limit: LimitName, value: number, maximum: number])[],
): readonly Excess[] {
  return measured.flatMap(([limit, value, maximum]) => (value > maximum ? [{ limit, maximum }] : []));
}

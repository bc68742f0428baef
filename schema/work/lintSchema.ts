import { parser, rules } from '@graphql-eslint/eslint-plugin';
import { Linter } from 'eslint';
import { LINT_RULES, type LintLevels } from './lintRules.js';

export interface LintFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** ESLint would otherwise look for a configuration of GraphQL around the working folder. */
const NO_CONFIG_FILE = { graphQLConfig: { schema: 'type Query { nothing: Int }' } };

/** @param levels by rule, where it is not a warning. The text must be GraphQL. */
export function lintSchema(text: string, levels: LintLevels): LintFinding[] {
  const linter = new Linter({ cwd: '/' });
  const found = linter.verify(
    text,
    [
      {
        files: ['**/*.graphql'],
        // The two packages type the same thing differently.
        plugins: { graphql: { rules: rules as never } },
        languageOptions: { parser: parser as never, parserOptions: NO_CONFIG_FILE },
        rules: Object.fromEntries(
          Object.entries(LINT_RULES).map(([name, options]) => [
            `graphql/${name}`,
            [levels[name] ?? 'warn', ...options] as never,
          ]),
        ),
      },
    ],
    { filename: 'schema.graphql' },
  );
  return found.map(({ ruleId, severity, message, line, column }) => ({
    rule: ruleId?.replace('graphql/', '') ?? 'parser',
    severity: severity === 2 ? 'error' : 'warning',
    message: message.replaceAll(/\s*\n\s*/g, ' '),
    line,
    column,
  }));
}

/**
 * What nearly everybody agrees on. Rules that need the whole graph are left out: a subgraph is not a schema by itself,
 * and composition finds what they would find.
 */
export const LINT_RULES = {
  'naming-convention': [
    {
      types: 'PascalCase',
      FieldDefinition: 'camelCase',
      InputValueDefinition: 'camelCase',
      Argument: 'camelCase',
      EnumValueDefinition: 'UPPER_CASE',
      // `_entities` and `_service` are federation's own.
      allowLeadingUnderscore: true,
    },
  ],
  'no-hashtag-description': [],
  'no-typename-prefix': [],
  'require-deprecation-reason': [],
  'require-description': [{ rootField: true }],
  'unique-enum-value-names': [],
} as const satisfies Record<string, readonly unknown[]>;

export type LintLevel = 'off' | 'warn' | 'error';
export type LintLevels = Readonly<Partial<Record<string, LintLevel>>>;

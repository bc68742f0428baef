import type { LimitsConfig } from '../admission/limitsConfig.js';
import type { DocumentSize } from '../admission/measureDocument.js';
import type { LimitUse } from './traceReport.js';

/** What an operation weighs, beside what it may weigh. */
export function limitUses(
  size: DocumentSize | undefined,
  config: LimitsConfig,
): readonly LimitUse[] | undefined {
  if (size === undefined) return undefined;
  const isLimited = config.mode !== 'off';
  const use = (name: string, used: number, limit: number): LimitUse => ({
    name,
    used,
    limit: isLimited ? limit : undefined,
  });
  return [
    use('depth', size.depth, config.maxDepth),
    use('fields', size.fields, config.maxFields),
    use('root fields', size.rootFields, config.maxRootFields),
    use('aliases', size.aliases, config.maxAliases),
    use('directives', size.directives, config.maxDirectives),
    use('longest list', size.listItems, config.maxListItems),
  ];
}

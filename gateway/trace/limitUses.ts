import type { LimitsConfig } from '../admission/limitsConfig.js';
import type { DocumentSize } from '../admission/measureDocument.js';
import type { CostConfig } from '../cost/costConfig.js';
import type { LimitUse } from './traceReport.js';

export interface LimitsInForce {
  readonly limits: LimitsConfig;
  readonly cost: CostConfig;
}

/** What an operation weighs, beside what it may weigh. */
export function limitUses(
  size: DocumentSize | undefined,
  cost: number | undefined,
  config: LimitsInForce,
): readonly LimitUse[] {
  return [...costUse(cost, config.cost), ...(size === undefined ? [] : sizeUses(size, config.limits))];
}

function costUse(used: number | undefined, { mode, max }: CostConfig): readonly LimitUse[] {
  return used === undefined ? [] : [{ name: 'cost', used, limit: mode === 'off' ? undefined : max }];
}

function sizeUses(size: DocumentSize, config: LimitsConfig): readonly LimitUse[] {
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

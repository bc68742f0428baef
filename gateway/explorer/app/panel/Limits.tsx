import type { LimitUse } from '../../../trace/traceReport';

/** How much of each limit the operation uses. */
export function Limits({ limits }: { readonly limits: readonly LimitUse[] }) {
  return (
    <ul className="hg-limits" aria-label="Limits">
      {limits.map(({ name, used, limit }) => (
        <li key={name}>
          <span>{name}</span>
          <span>
            {used.toLocaleString('en')}
            {limit !== undefined && <span className="hg-muted"> of {limit.toLocaleString('en')}</span>}
          </span>
          {limit !== undefined && (
            <meter min={0} max={limit} high={limit * 0.8} value={used} aria-label={`${name} used`} />
          )}
        </li>
      ))}
    </ul>
  );
}

import type { FreshnessReason } from '../../../trace/traceReport';
import type { Run } from '../state/run';
import { useNow } from './useNow';
import { seconds } from './words';

/** Whether the whole response can be kept, for how long, and what decides it. */
export function Freshness({ run }: { readonly run: Run }) {
  const { cache, trace, receivedAt } = run;
  const reasons = trace?.freshness ?? [];
  const refusals = reasons.filter(({ kind }) => kind === 'uncacheable');
  const left = cache?.response.remainingTtlMs ?? 0;
  const isKept = refusals.length === 0 && cache !== undefined && left > 0;
  const now = useNow(isKept);
  if (cache === undefined) return null;
  const leftNow = Math.max(0, receivedAt + left - now);
  const words = isKept ? `Cacheable for ${seconds(leftNow)}` : 'Not cacheable as a whole';
  return (
    <section className={isKept ? 'hg-verdict hg-good' : 'hg-verdict hg-warn'} aria-label="Freshness">
      <h3>
        {words}
        {cache.response.outcome === 'hit' && <small> · untraced, it would be a hit now</small>}
      </h3>
      <ul>
        {reasons.map((reason) => (
          <li key={`${reason.subgraph}/${reason.fetchId}/${reason.words}`}>
            <Reason reason={reason} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reason({ reason: { fields, subgraph, words } }: { readonly reason: FreshnessReason }) {
  return (
    <>
      {fields.length > 0 && (
        <>
          <code>{fields.join(', ')}</code>{' '}
        </>
      )}
      <span className="hg-muted">({subgraph})</span> {words}
    </>
  );
}

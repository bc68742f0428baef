import type { RecordExplanation } from '../../../cache/fetchExplanation';
import { Tags } from './Tags';
import { useNow } from './useNow';
import { seconds } from './words';

interface RecordProps {
  readonly record: RecordExplanation;
  /** Those that are shown elsewhere. */
  readonly hiddenTags: readonly string[];
  /** When its times were true. */
  readonly receivedAt: number;
  readonly onPurge: ((tag: string) => void) | undefined;
}

/** One record of the cache: how long it holds, counting down, and the tags that it goes by. */
export function Record({ record, hiddenTags, receivedAt, onPurge }: RecordProps) {
  const { key, tier, tags, ageMs, remainingTtlMs, lastPurge } = record;
  const now = useNow(remainingTtlMs !== undefined);
  const passed = Math.max(0, now - receivedAt);
  const left = Math.max(0, (remainingTtlMs ?? 0) - passed);
  const lifetime = (ageMs ?? 0) + (remainingTtlMs ?? 0);
  return (
    <li className="hg-record">
      <div className="hg-record-line">
        {remainingTtlMs === undefined ? (
          <span>not kept</span>
        ) : (
          <>
            <span>{left > 0 ? `${seconds(left)} left` : 'its time is over'}</span>
            <meter className="hg-ttl" min={0} max={lifetime} value={left} aria-label="Time left" />
            <span className="hg-muted">
              {ageMs !== undefined && `${seconds(ageMs + passed)} old`}
              {tier !== undefined && ` · from ${tier}`}
            </span>
          </>
        )}
        <code className="hg-key" title={key}>
          {key}
        </code>
      </div>
      <Tags tags={tags.filter((tag) => !hiddenTags.includes(tag))} onPurge={onPurge} />
      {lastPurge !== undefined && (
        <p className="hg-muted">
          Last purged {seconds(Math.max(0, now - lastPurge.at))} ago by {lastPurge.by}, as{' '}
          <code>{lastPurge.tag}</code>
        </p>
      )}
    </li>
  );
}

import type { LiveRun } from '../state/run';
import { plural, size } from './words';

/** The events of a subscription; the result beside it shows the last one. */
export function LiveEvents({ live }: { readonly live: LiveRun }) {
  const { transport, events, count, isOpen } = live;
  return (
    <section className="hg-live" aria-label="Live events">
      <h3>
        <span className={isOpen ? 'hg-dot hg-dot-open' : 'hg-dot'} aria-hidden="true" />
        {isOpen ? 'Listening' : 'Ended'} · {plural(count, 'event')}{' '}
        <span className="hg-muted">over {transport}</span>
      </h3>
      <ol>
        {events.toReversed().map(({ number, at, bytes, summary }) => (
          <li key={number}>
            <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleTimeString()}</time>{' '}
            <span className="hg-muted">{size(bytes)}</span> <code>{summary}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}

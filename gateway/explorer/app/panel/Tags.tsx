interface TagsProps {
  readonly tags: readonly string[];
  /** Absent for those who may not. */
  readonly onPurge: ((tag: string) => void) | undefined;
}

/** What a record goes by when something changes; each with a way to make it go now. */
export function Tags({ tags, onPurge }: TagsProps) {
  if (tags.length === 0) return null;
  return (
    <ul className="hg-tags" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <code>{tag}</code>
          {onPurge !== undefined && (
            <button
              type="button"
              aria-label={`Purge ${tag}`}
              title="Purge and run again"
              onClick={() => onPurge(tag)}
            >
              Purge
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Drops everything with this tag. @returns what to tell about it. Rejects with the gateway's reason. */
export async function purgeTag(tag: string, adminToken: string): Promise<string> {
  const response = await fetch('/graphiql/purge', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(adminToken !== '' && { authorization: `Bearer ${adminToken}` }),
    },
    body: JSON.stringify({ tags: [tag] }),
  });
  const answer = (await response.json()) as {
    errors?: readonly { message: string }[];
    purged?: Readonly<Record<string, number | null>>;
  };
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? `status ${response.status}`);
  const counts = Object.entries(answer.purged ?? {}).map(
    ([tier, count]) => `${count ?? 'an unknown number'} from ${tier}`,
  );
  return `Purged ${tag}: ${counts.join(', ')}.`;
}

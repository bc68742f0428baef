import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { type GraphiQLPlugin, ToolbarButton, useGraphiQL } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import type { GraphQLSchema } from 'graphql';
import { useEffect, useMemo, useState } from 'react';
import type { ExplorerSettings } from '../explorerSettings';
import { LargeResultBar } from './LargeResultBar';
import { LinkIcon } from './LinkIcon';
import { fetcher } from './network/fetcher';
import { loadSchema } from './network/settings';
import { PlanIcon } from './panel/PlanIcon';
import { PlanPanel } from './panel/PlanPanel';
import { linkTo, readLink } from './state/link';
import { changeState, useExplorerState } from './state/store';

const DEFAULT_QUERY = `# Write a query and run it with Ctrl-Enter (or ⌘-Enter).
# “Plan & cache” shows how the gateway answered it.

`;

/** GraphiQL on this gateway, with our panel. */
export function Explorer({ settings }: { readonly settings: ExplorerSettings }) {
  const schema = useSchema(settings);
  const link = useMemo(() => readLink(location.hash), []);
  const plan = useMemo(
    (): GraphiQLPlugin => ({
      title: 'Plan & cache',
      icon: PlanIcon,
      content: () => <PlanPanel settings={settings} />,
    }),
    [settings],
  );
  const plugins = useMemo(() => [plan, HISTORY_PLUGIN], [plan]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={plan}
      defaultQuery={DEFAULT_QUERY}
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      {...(schema !== undefined && { schema })}
      {...(link.query !== undefined && { initialQuery: link.query })}
      {...(link.variables !== undefined && { initialVariables: link.variables })}
    >
      <GraphiQL.Logo>
        <span className="hg-logo">Headgate</span>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <ShareButton />
          </>
        )}
      </GraphiQL.Toolbar>
      <GraphiQL.Footer>
        <LargeResultBar />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

/** Puts what is written into the address, for somebody else to open. */
function ShareButton() {
  const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({
    queryEditor,
    variableEditor,
  }));

  async function share(): Promise<void> {
    const link = linkTo(queryEditor?.getValue() ?? '', variableEditor?.getValue() ?? '');
    history.replaceState(null, '', link);
    try {
      await navigator.clipboard.writeText(link);
      changeState({ notice: 'The link is on the clipboard.' });
    } catch {
      changeState({ notice: 'The link is in the address of this page.' });
    }
  }

  return (
    <ToolbarButton onClick={() => void share()} label="Copy a link to this query, without headers">
      <LinkIcon />
    </ToolbarButton>
  );
}

/** `undefined` lets GraphiQL ask for it; where that is not allowed, it comes with the token, or not at all. */
function useSchema({ introspection }: ExplorerSettings): GraphQLSchema | null | undefined {
  const { explorerToken } = useExplorerState();
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  useEffect(() => {
    if (introspection) return;
    let isWanted = true;
    const show = (loaded: GraphQLSchema | undefined) => isWanted && setSchema(loaded ?? null);
    loadSchema(explorerToken).then(show, () => show(undefined));
    return () => {
      isWanted = false;
    };
  }, [introspection, explorerToken]);
  return introspection ? undefined : schema;
}

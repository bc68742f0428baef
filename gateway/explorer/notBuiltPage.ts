/** Shown until the page is there. It comes with a header that makes the browser look again. */
export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The explorer is being built</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem; }
  @media (prefers-color-scheme: dark) { body { background: #14181d; color: #e6e9ed; } }
</style>
<h1>The explorer is not here yet</h1>
<p>The gateway answers already. After <code>npm start</code> on a fresh machine this page is built beside it, in some
seconds, and shows by itself.</p>
<p>If it does not: <code>npm run build</code> builds it.</p>
</html>
`;

// Apollo's libraries report to their maker when they are loaded, unless this is set before.
process.env['APOLLO_TELEMETRY_DISABLED'] ??= 'true';

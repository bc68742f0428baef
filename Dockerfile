# syntax=docker/dockerfile:1
# One image for every process; the command chooses: gateway, subgraph products, worker, registry, cluster init, …

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install script of a package runs: what we use ships what it needs.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && rm -rf dist/test dist/bench dist/.tsbuildinfo && find dist -name '*.test.*' -delete

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && npm sbom --omit=dev --sbom-format=cyclonedx > sbom.cdx.json

FROM node:24-slim
ENV NODE_ENV=production \
    LOG_FORMAT=json \
    APOLLO_TELEMETRY_DISABLED=true
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/sbom.cdx.json ./
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY schema/supergraph.graphql schema/
COPY schema/web schema/web
COPY subgraphs/products/typeDefs.graphql subgraphs/products/
COPY subgraphs/inventory/typeDefs.graphql subgraphs/inventory/
COPY subgraphs/orders/typeDefs.graphql subgraphs/orders/
COPY deploy/healthcheck.mjs deploy/makeSigningKey.mjs deploy/
# A new volume that is mounted there belongs to the user of the image.
RUN install -d -o node -g node /var/lib/headgate
# Nothing is written to the file system: it may be read-only, with a tmpfs at /tmp.
USER node
EXPOSE 4000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
ENTRYPOINT ["node", "dist/cli/headgate.js"]
CMD ["gateway"]

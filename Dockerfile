# The images of the site (target `site`) and of Soketi (target `soketi`). compose.yaml uses both.
ARG NODE=node:22-bookworm-slim

FROM ${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# With the same key, forms of pages from an older build still find their actions.
ARG NEXT_SERVER_ACTIONS_ENCRYPTION_KEY
RUN npm run bundle -- /site

FROM ${NODE} AS soketi
WORKDIR /soketi
COPY scripts/services/soketi/package.json scripts/services/soketi/package-lock.json ./
COPY scripts/services/soketi/uWebSockets.js uWebSockets.js
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/services/soketi/guard.cjs ./
COPY scripts/services/soketi/guard guard
# Soketi's process manager writes into its home.
ENV HOME=/tmp
USER node
EXPOSE 6001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:6001/').catch(() => process.exit(1))"]
CMD ["node", "--require", "./guard.cjs", "node_modules/@soketi/soketi/bin/server.js", "start"]

FROM ${NODE} AS site
ENV HOST=0.0.0.0 PORT=3000
WORKDIR /site
COPY --from=build /site ./
USER node
EXPOSE 3000
# Any answer counts: /api/health also fails if PostgreSQL or Soketi do, which no restart of the site repairs.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health`).catch(() => process.exit(1))"]
CMD ["node", "server.mjs"]

# padzone as a service: DNS on 53, health and metrics on 8053, state under /var/lib/padzone.
FROM node:24-bookworm-slim AS build
WORKDIR /padzone
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    PADZONE_DNS_LISTEN=0.0.0.0:53,[::]:53 \
    PADZONE_HTTP_LISTEN=0.0.0.0:8053 \
    PADZONE_DATA_DIR=/var/lib/padzone/data \
    PADZONE_KEYS_DIR=/var/lib/padzone/keys
WORKDIR /padzone
COPY --from=build /padzone/package.json ./
COPY --from=build /padzone/node_modules node_modules
COPY --from=build /padzone/dist dist
COPY zones zones
RUN mkdir -p /var/lib/padzone && chown node:node /var/lib/padzone
USER node
VOLUME /var/lib/padzone
EXPOSE 53/udp 53/tcp 8053/tcp
# The kernel of a container lets an unprivileged user listen on port 53 (net.ipv4.ip_unprivileged_port_start=0).
HEALTHCHECK --interval=30s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8053/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]

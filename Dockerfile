# Two images: `hub` runs every process of the hub, `sign-in` is a sign-in service for trying it out.

FROM node:20-bookworm-slim AS assets
WORKDIR /build/hub/web/assets
COPY hub/web/assets/package.json hub/web/assets/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# Every package is compared with its pinned hash here; from then on nothing is fetched.
COPY constraints.txt ./
RUN python -m pip download --quiet --only-binary :all: --require-hashes --no-deps -d /wheels -r constraints.txt \
    && python -m pip install --quiet --no-index --find-links /wheels --upgrade setuptools
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY agencies agencies
COPY hub hub
COPY --from=assets /build/hub/web/assets/node_modules hub/web/assets/node_modules
RUN python hub/web/assets/build.py \
    && rm -r hub/web/assets/node_modules \
    && python -m pip wheel --quiet --no-index --no-build-isolation --no-deps -w /wheels . \
    && python -m venv /opt/hub \
    && /opt/hub/bin/python -m pip install --quiet --no-index --find-links /wheels "safeguarding-hub[postgres,kafka]" \
    && /opt/hub/bin/python -m pip uninstall --quiet --yes pip setuptools

FROM python:3.11-slim-trixie AS hub
# For `hub backup` and `hub restore`: of the server's major version, which this Debian has, or newer.
RUN apt-get update -qq \
    && apt-get install -qq --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid hub --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hub \
    && install -d -o hub -g hub -m 0700 /var/lib/hub /var/lib/hub/kept-apart /var/lib/hub/backups
COPY --from=build /opt/hub /opt/hub
# The root file system may be read-only: only the folder below and a small /tmp are written.
ENV PATH=/opt/hub/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HUB_LISTEN=0.0.0.0:8080
WORKDIR /var/lib/hub
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["hub", "health"]
ENTRYPOINT []
CMD ["hub", "serve"]

FROM node:20-bookworm-slim AS sign-in
WORKDIR /opt/sign-in
COPY tests/oidc/package.json tests/oidc/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tests/oidc/provider.mjs ./
ENV NODE_NO_WARNINGS=1
USER node
EXPOSE 9400
CMD ["node", "provider.mjs"]
